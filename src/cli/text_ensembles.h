// ensemble for runs of classification, regression and answerability: the part of the verb that differs from
// spans. Reads runs, combines, scores, prints, keeps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/ensemble.h"
#include "base/file.h"
#include "cli/options.h"

namespace bv::cli {

struct TextEnsembleFlags {
  std::vector<fs::path> runs;
  fs::path out;
  std::string mode_name;
  EnsembleMode mode = EnsembleMode::kMax;
  std::vector<double> weights;  // empty: by the runs' main score
  bool out_of_sample = false, json = false;
  int64_t resamples = 0, seed = 0;
  int32_t threads = 0;
};

// Errors: kUsage for options of spans, fewer than two runs, weights that do not fit, and what the task does
// not have; those of LoadTextRuns and RunFolder.
void EnsembleTexts(const TextEnsembleFlags& flags, const Options& options);

}  // namespace bv::cli
