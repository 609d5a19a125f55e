// THE list of analyses of texts that need nothing but logits: the counterpart of analyses.h. Immutable; safe
// from any thread.
#pragma once

#include <vector>

#include "analysis/analyses.h"
#include "analysis/text_run_set.h"

namespace bv {

struct TextAnalysis {
  const char* name;
  const char* summary;
  size_t least_runs;
  bool classes_only;  // a regression has no classes
  Finding (*make)(const TextRunSet& set, const AnalysisOptions& options);
};

// In the order in which they are shown.
const std::vector<TextAnalysis>& TextAnalyses();

}  // namespace bv
