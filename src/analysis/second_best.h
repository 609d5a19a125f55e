// How often the second-best answer is right where the first is wrong (spec section G, "Second-best answer"):
// the top start logit and the top end logit of every window are taken out of the running, and the question is
// decoded again. Pure functions.
#pragma once

#include <cstdint>

#include "analysis/finding.h"
#include "analysis/run_set.h"

namespace bv {

struct SecondBest {
  int64_t questions = 0;
  int64_t wrong = 0;                     // first answers that match no gold answer exactly
  int64_t rescued = 0;                   // of them, those whose second answer does
  int64_t rescued_answerable = 0;        // of the rescued, those that have an answer
  double alone_exact = 0, alone_f1 = 0;  // percent: the second answers by themselves
};

// Every window's highest start logit, and its highest end logit, the first among equals, become -1000.
SpanLogits WithoutTop(const SpanLogits& logits);

SecondBest FindSecondBest(const RunSet& set, const AnalysedRun& run);

Finding SecondBestFinding(const RunSet& set);

}  // namespace bv
