// Runs side by side: what report prints. Reads run folders; computes nothing.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "report/table.h"
#include "run/results.h"

namespace bv::cli {

// One fine-tuned checkpoint, one trained head, an ensemble, or an evaluation that was kept.
struct ReportRow {
  std::string name;  // its folder, without what all rows have in common
  std::filesystem::path folder;
  std::string kind;                   // "BERT", "head", "ensemble" or "eval"
  std::optional<int64_t> parameters;  // nothing where it is no one number: an ensemble
  std::optional<double> share;        // percent of its backbone's parameters; 100 for BERT itself
  std::optional<double> seconds;      // of training
  Metrics metrics;                    // eval_*
};

// Each folder is a run of finetune (a row a checkpoint), of a head, of ensemble or eval, or a folder of such
// runs. Errors (kData): a folder without any finished run.
std::vector<ReportRow> CollectRuns(const std::vector<std::filesystem::path>& folders);

Table RunTable(const std::vector<ReportRow>& rows);
OrderedJson RunJson(const std::vector<ReportRow>& rows);

}  // namespace bv::cli
