// Runs side by side: what report prints. Reads run folders; computes nothing.
#pragma once

#include <filesystem>
#include <vector>

#include "base/json.h"
#include "report/system.h"
#include "report/table.h"

namespace bv::cli {

// Each folder is a run of finetune (a system a checkpoint), of a head, of ensemble or eval, or a folder of
// such runs. Details (ReadDetails) are not read. Errors (kData): a folder without any finished run.
std::vector<ReportSystem> CollectRuns(const std::vector<std::filesystem::path>& folders);

Table RunTable(const std::vector<ReportSystem>& systems);
OrderedJson RunJson(const std::vector<ReportSystem>& systems);

}  // namespace bv::cli
