// The first run against each of the others, question by question: who is right where the other is not,
// whether that could be chance (McNemar's test), and how far the scores lie apart (paired bootstrap). Pure
// functions.
#pragma once

#include <cstdint>

#include "analysis/finding.h"
#include "analysis/run_set.h"
#include "metrics/bootstrap.h"
#include "metrics/mcnemar.h"

namespace bv {

// Of run b minus run a. Differences and intervals in percent.
struct Comparison {
  int64_t both_right = 0, both_wrong = 0;
  McNemarTest mcnemar;  // holds the counts of questions that only one has right
  double exact = 0, f1 = 0;
  Interval exact_interval, f1_interval;
};

// Errors: those of the bootstrap.
Comparison CompareRuns(const AnalysedRun& a, const AnalysedRun& b, const BootstrapOptions& bootstrap);

// Errors (kUsage): a single run.
Finding ComparisonFinding(const RunSet& set, const BootstrapOptions& bootstrap);

}  // namespace bv
