// Whether right answers come from shorter contexts: mean length over the questions that a run answers right,
// over those that it alone or the first run alone does, and exact match by quarters of length (spec section
// G, "Context length"). Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "analysis/finding.h"
#include "analysis/run_set.h"

namespace bv {

// A mean over some questions; NaN over none.
struct LengthMean {
  int64_t questions = 0;
  double pieces = 0;
};

struct ContextLengths {
  LengthMean right;                       // over the questions that the run answers right
  LengthMean only_this, only_first;       // right in this run and not in the first; the reverse
  std::array<double, 4> quarter_exact{};  // percent, from the shortest contexts to the longest
};

// By what the examples' lengths are divided: from the shortest quarter to the longest, of equal lengths in
// the order of the data, the mean of the values.
std::array<double, 4> MeanByQuarter(const std::vector<int64_t>& lengths, const std::vector<double>& values);

// Pieces of each question's context alone, without question and special pieces. Neighbouring windows share
// doc_stride pieces.
std::vector<int64_t> ContextPieces(const RunSet& set);

ContextLengths MeasureContextLengths(const RunSet& set, const AnalysedRun& run);

Finding ContextLengthFinding(const RunSet& set);

}  // namespace bv
