// Scores with nothing fitted on the questions they are measured on: threshold and, for weighted ensembles,
// weights come from one half of the questions and are applied to the other, and the reverse. All questions of
// one context fall into the same half, since questions about one passage are alike. Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analysis/ensemble.h"
#include "analysis/run_set.h"

namespace bv {

// One half, judged with what the other half gave.
struct FittedHalf {
  int64_t questions = 0;
  double threshold = 0;         // of the null odds
  std::vector<double> weights;  // of a weighted ensemble; else empty
  double exact = 0, f1 = 0;     // percent, of this half
};

struct OutOfSampleScores {
  std::string name;  // a run's, or "ensemble"
  std::array<FittedHalf, 2> halves;
  double exact = 0, f1 = 0;  // percent, over all questions, each judged out of sample
};

// 0 or 1 for every question or row at random; those of one group fall into the same half. file: for the
// error. Errors: kData for fewer than two groups.
std::vector<int> SplitByGroup(const std::vector<int32_t>& groups, uint64_t seed, const std::string& file);
// The groups are the questions' contexts.
std::vector<int> SplitByContext(const QaData& data, uint64_t seed);

// The threshold with the highest mean where question i counts answered[i] if its odds are at most the
// threshold, else silent[i]. One of the odds, or, where it is best to be silent always, 1 below the lowest.
// Errors: kInternal for parts of different sizes or without a value.
double FitThreshold(std::span<const double> odds, std::span<const double> answered,
                    std::span<const double> silent);

// Every run by itself, each with a fitted threshold, then the ensemble of all. weights: of a weighted
// ensemble, as they are; empty: fitted. decode: how the ensemble is decoded; its threshold is not used. Where
// every question has an answer there is no threshold to fit: it is infinite.
std::vector<OutOfSampleScores> ScoreOutOfSample(const RunSet& set, EnsembleMode mode,
                                                std::span<const double> weights, const DecodeOptions& decode,
                                                uint64_t seed);

}  // namespace bv
