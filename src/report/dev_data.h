// The dev data behind systems: found by the checksum that their runs recorded, and cut down to the questions
// that were answered. Reads files; scores nothing.
#pragma once

#include <filesystem>
#include <vector>

#include "data/squad.h"
#include "metrics/squad_scores.h"
#include "report/data_files.h"
#include "report/system.h"

namespace bv {

// Systems that answered the same questions of the same file.
struct AnsweredData {
  QaData data;                           // the questions that were answered, in the file's order
  std::vector<size_t> systems;           // into the list given
  std::vector<Predictions> predictions;  // one per system here
};

using DevData = SystemGroups<AnsweredData>;

// `given`: a file to look at first; may be empty. Every other system with the same checksum may lead to the
// file too. A system without predictions, without a recorded checksum, or whose file is not found or has
// changed is in no group, and why_not says so. Errors: kIo if `given` cannot be read; kData for a file that
// is damaged.
DevData FindDevData(const std::vector<ReportSystem>& systems, const std::filesystem::path& given);

}  // namespace bv
