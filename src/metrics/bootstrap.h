// Bootstrap intervals of a mean over questions, for one system or for the paired difference of two, and of
// any other score of a set of examples. It treats questions as drawn independently; questions about one
// passage are alike, so real uncertainty is somewhat larger. Deterministic for a seed, whatever the number of
// threads. Safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
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

// Percentile interval of a score that is no mean (F1, a correlation), or of the difference of two systems'
// such scores: score(rows) is that of the examples `rows`, n indices in [0, n) drawn with replacement; it is
// called from several threads at once. Resamples in which it is NaN are left out; NaN, NaN where it always
// is. The resamples are those of BootstrapMeans. Errors: kUsage as there, kInternal for n < 1.
Interval BootstrapScore(int64_t n, const std::function<double(std::span<const int64_t> rows)>& score,
                        const BootstrapOptions& options = {});

}  // namespace bv
