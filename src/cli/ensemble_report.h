// What `ensemble` says: runs and their ensemble side by side, the difference to the best run, and scores out
// of sample; as text for people and as JSON for machines. It decides nothing. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/comparison.h"
#include "analysis/out_of_sample.h"
#include "base/json.h"

namespace bv::cli {

struct EnsembleReport {
  std::string mode;             // "max", "add", "weighted"
  std::vector<double> weights;  // one per run; empty but for weighted
  const RunSet* set = nullptr;
  const AnalysedRun* ensemble = nullptr;
  size_t best = 0;                       // the run with the highest F1
  std::optional<Comparison> difference;  // of the ensemble to it; with gold answers only
  std::vector<OutOfSampleScores> out_of_sample;
};

std::string EnsembleText(const EnsembleReport& report);
OrderedJson EnsembleJson(const EnsembleReport& report);
OrderedJson OutOfSampleJson(const std::vector<OutOfSampleScores>& scores);

}  // namespace bv::cli
