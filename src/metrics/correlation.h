// Correlations of predicted with gold values, for regression (STS-B). Equal to scipy.stats.pearsonr and
// spearmanr. Pure functions: safe from any thread.
#pragma once

#include <span>
#include <vector>

namespace bv {

// Of two columns of the same length. -1..1; NaN for fewer than two values, where one column holds equal
// numbers only, and where a value is not finite. Errors (kInternal): columns of different lengths.
double Pearson(std::span<const double> a, std::span<const double> b);
// Pearson's correlation of the ranks.
double Spearman(std::span<const double> a, std::span<const double> b);

// Ranks from 1; equal numbers share the mean of their ranks. No value may be NaN.
std::vector<double> AverageRanks(std::span<const double> values);

}  // namespace bv
