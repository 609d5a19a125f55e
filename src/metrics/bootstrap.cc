#include "metrics/bootstrap.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr int64_t kMostResamples = 10'000'000;
constexpr int64_t kGrain = 64;

void CheckOptions(const BootstrapOptions& options) {
  if (options.resamples < 1 || options.resamples > kMostResamples) {
    throw Error(ErrorKind::kUsage,
                Cat("bootstrap resamples: ", options.resamples, ", allowed is 1 to ", kMostResamples));
  }
  if (!(options.confidence > 0 && options.confidence < 1)) {
    throw Error(ErrorKind::kUsage,
                Cat("bootstrap confidence: ", options.confidence, ", allowed is between 0 and 1"));
  }
}

void CheckColumns(const std::vector<std::span<const double>>& columns) {
  for (const std::span<const double> column : columns) {
    if (column.empty() || column.size() != columns[0].size()) {
      throw Error(ErrorKind::kInternal,
                  Cat("bootstrap over ", columns[0].size(), " and ", column.size(), " values"));
    }
  }
}

double Percentile(const std::vector<double>& sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - std::floor(position)) * (sorted[above] - sorted[below]);
}

Interval PercentileInterval(std::vector<double> values, double confidence) {
  std::sort(values.begin(), values.end());
  const double tail = (1 - confidence) / 2;
  return {Percentile(values, tail), Percentile(values, 1 - tail)};
}

}  // namespace

std::vector<Interval> BootstrapMeans(const std::vector<std::span<const double>>& columns,
                                     const BootstrapOptions& options) {
  if (columns.empty()) return {};
  CheckOptions(options);
  CheckColumns(columns);
  const size_t n = columns[0].size();
  std::vector<std::vector<double>> means(columns.size(),
                                         std::vector<double>(static_cast<size_t>(options.resamples)));
  ParallelRanges(options.resamples, kGrain, DefaultThreads(), [&](int64_t begin, int64_t end) {
    std::vector<double> sums(columns.size());
    for (int64_t resample = begin; resample < end; ++resample) {
      Rng rng(Mix64(options.seed, static_cast<uint64_t>(resample)));
      std::fill(sums.begin(), sums.end(), 0.0);
      for (size_t draw = 0; draw < n; ++draw) {
        const auto question = static_cast<size_t>(rng.Below(n));
        for (size_t c = 0; c < columns.size(); ++c) sums[c] += columns[c][question];
      }
      for (size_t c = 0; c < columns.size(); ++c) {
        means[c][static_cast<size_t>(resample)] = sums[c] / static_cast<double>(n);
      }
    }
  });
  std::vector<Interval> intervals;
  intervals.reserve(means.size());
  for (std::vector<double>& column : means) {
    intervals.push_back(PercentileInterval(std::move(column), options.confidence));
  }
  return intervals;
}

Interval BootstrapDifference(std::span<const double> a, std::span<const double> b,
                             const BootstrapOptions& options) {
  if (a.size() != b.size()) {
    throw Error(ErrorKind::kInternal, Cat("paired bootstrap over ", a.size(), " and ", b.size(), " values"));
  }
  std::vector<double> difference(a.size());
  for (size_t i = 0; i < a.size(); ++i) difference[i] = a[i] - b[i];
  return BootstrapMeans({difference}, options).at(0);
}

Interval BootstrapScore(int64_t n, const std::function<double(std::span<const int64_t>)>& score,
                        const BootstrapOptions& options) {
  CheckOptions(options);
  if (n < 1) throw Error(ErrorKind::kInternal, Cat("bootstrap over ", n, " examples"));
  std::vector<double> scores(static_cast<size_t>(options.resamples));
  ParallelRanges(options.resamples, kGrain, DefaultThreads(), [&](int64_t begin, int64_t end) {
    std::vector<int64_t> rows(static_cast<size_t>(n));
    for (int64_t resample = begin; resample < end; ++resample) {
      Rng rng(Mix64(options.seed, static_cast<uint64_t>(resample)));
      for (int64_t& row : rows) row = static_cast<int64_t>(rng.Below(static_cast<uint64_t>(n)));
      scores[static_cast<size_t>(resample)] = score(rows);
    }
  });
  std::erase_if(scores, [](double value) { return std::isnan(value); });
  if (scores.empty()) return {std::nan(""), std::nan("")};
  return PercentileInterval(std::move(scores), options.confidence);
}

}  // namespace bv
