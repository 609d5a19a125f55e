// Bootstrap intervals of a mean over questions, for one system or for the paired difference of two. It treats
// questions as drawn independently; questions about one passage are alike, so real uncertainty is somewhat
// larger. Deterministic for a seed, whatever the number of threads. Safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace bv {

struct BootstrapOptions {
  int64_t resamples = 10000;
  double confidence = 0.95;  // in (0, 1)
  uint64_t seed = 0;
};

struct Interval {
  double low = 0;
  double high = 0;
};

// Percentile interval (Efron) of each column's mean. Columns hold one value per question, in the same order
// and unit; every resample draws the same questions for all columns. Percentiles are interpolated linearly,
// as scipy.stats.bootstrap(method="percentile") does. Errors: kUsage for options out of range, kInternal for
// columns that are empty or of different sizes.
std::vector<Interval> BootstrapMeans(const std::vector<std::span<const double>>& columns,
                                     const BootstrapOptions& options = {});

// The interval of mean(a) - mean(b) where a and b are two systems' values for the same questions.
Interval BootstrapDifference(std::span<const double> a, std::span<const double> b,
                             const BootstrapOptions& options = {});

}  // namespace bv
