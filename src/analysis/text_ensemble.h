// Several systems' logits over the same windows of texts put together as one system's: the counterpart of
// ensemble.h. Classes: each system's softmax, combined class by class; the logarithms are the ensemble's
// logits, so that what decides elsewhere decides here. Regression: a mean of the values. Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analysis/ensemble.h"
#include "analysis/text_run_set.h"

namespace bv {

// members: at least one, over the same windows. weights: as MemberWeights. A sum of values is divided by its
// weights: kAdd is their mean. Errors: kUsage for the largest of values; kInternal for members or weights
// that do not fit.
TextLogits CombineTexts(const std::vector<const TextLogits*>& members, bool regression, EnsembleMode mode,
                        std::span<const double> weights = {});

// In the proportion of the runs' main score; a score that is negative or undefined weighs nothing.
std::vector<double> WeightsOfRuns(const std::vector<double>& scores);

// A weighted ensemble with nothing fitted on the rows it is judged on: each half of the rows is predicted
// with the weights that the other half gives.
struct TextsOutOfSample {
  std::array<std::vector<double>, 2> weights;  // used for half 0 and half 1
  Metrics scores;                              // over all rows
};

TextsOutOfSample ScoreTextsOutOfSample(const TextRunSet& set, uint64_t seed);

}  // namespace bv
