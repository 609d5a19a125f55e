#include "metrics/correlation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

bool AllFinite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

// The values minus their mean, scaled to length 1; empty where all are equal.
std::vector<double> Centred(std::span<const double> values) {
  if (std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; })) return {};
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  std::vector<double> centred(values.begin(), values.end());
  double largest = 0;
  for (double& v : centred) {
    v -= mean;
    largest = std::max(largest, std::abs(v));
  }
  // Divided by the largest first, so that squares of very large or small values stay numbers.
  double squares = 0;
  for (double& v : centred) {
    v /= largest;
    squares += v * v;
  }
  for (double& v : centred) v /= std::sqrt(squares);
  return centred;
}

}  // namespace

double Pearson(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) {
    throw Error(ErrorKind::kInternal, Cat("correlation of ", a.size(), " with ", b.size(), " values"));
  }
  if (!AllFinite(a) || !AllFinite(b)) return kUndefined;
  const std::vector<double> x = Centred(a), y = Centred(b);
  if (x.empty() || y.empty()) return kUndefined;
  return std::clamp(std::inner_product(x.begin(), x.end(), y.begin(), 0.0), -1.0, 1.0);
}

double Spearman(std::span<const double> a, std::span<const double> b) {
  if (!AllFinite(a) || !AllFinite(b)) return kUndefined;
  return Pearson(AverageRanks(a), AverageRanks(b));
}

std::vector<double> AverageRanks(std::span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t i, size_t j) { return values[i] < values[j]; });
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    // Ranks begin + 1 to end.
    for (size_t i = begin; i < end; ++i) ranks[order[i]] = static_cast<double>(begin + 1 + end) / 2;
    begin = end;
  }
  return ranks;
}

}  // namespace bv
