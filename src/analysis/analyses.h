// THE list of analyses that need nothing but logits: name to what it says and how it is made. Those that read
// weights or states have headers of their own (layers.h, layer_ablation.h). Immutable; safe from any thread.
#pragma once

#include <vector>

#include "analysis/finding.h"
#include "analysis/run_set.h"
#include "metrics/bootstrap.h"

namespace bv {

struct AnalysisOptions {
  BootstrapOptions bootstrap;
  int bins = 10;  // of the calibration
};

struct Analysis {
  const char* name;
  const char* summary;
  size_t least_runs;
  Finding (*make)(const RunSet& set, const AnalysisOptions& options);
};

// In the order in which they are shown.
const std::vector<Analysis>& Analyses();

}  // namespace bv
