// What a run was asked for, apart from its seed and its share of the data: runs of one setting repeat each
// other, and runs of one setting at several shares are a curve. Read from run.json. A plain value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "report/system.h"

namespace bv {

struct RunSetting {
  std::string text;            // equal for runs that could only differ by seed and fraction
  std::vector<int64_t> seeds;  // the run's own, then that of its backbone's fine-tuning where it was found
  double fraction = 1;         // of the training windows
};

// Options that change no result do not count, nor do places of files, whose checksums do. A head's backbone
// is its setting and epoch where it is a checkpoint of a run of finetune that is still there, so that heads
// on three fine-tunings of one setting are of one setting; else it is its fingerprint. Nothing for ensembles
// and evaluations, which have no training of their own. Errors (kData): a damaged run.json.
std::optional<RunSetting> SettingOf(const ReportSystem& system);

}  // namespace bv
