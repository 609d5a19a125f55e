// The first run of texts against each of the others, row by row: the counterpart of comparison.h. Pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/finding.h"
#include "analysis/text_run_set.h"
#include "metrics/mcnemar.h"

namespace bv {

// Of run b minus run a.
struct TextComparison {
  struct Difference {
    std::string metric;
    double value = 0;
    Interval interval;  // 95 %, paired bootstrap over rows
  };
  int64_t both_right = 0, both_wrong = 0;
  std::optional<McNemarTest> mcnemar;   // of classes
  std::vector<Difference> differences;  // one per score of the task
};

// Errors: those of the bootstrap.
TextComparison CompareTextRuns(const TextRunSet& set, const AnalysedTextRun& a, const AnalysedTextRun& b,
                               const BootstrapOptions& bootstrap);

OrderedJson TextComparisonJson(const TextComparison& comparison);

// Errors (kUsage): a single run.
Finding TextComparisonFinding(const TextRunSet& set, const BootstrapOptions& bootstrap);

}  // namespace bv
