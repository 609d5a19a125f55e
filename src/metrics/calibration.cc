#include "metrics/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

void CheckSizes(std::span<const double> confidence, std::span<const double> other) {
  if (confidence.size() == other.size()) return;
  throw Error(ErrorKind::kInternal,
              Cat(confidence.size(), " confidences for ", other.size(), " predictions"));
}

// Examples of one confidence: they can only be answered together.
struct Tie {
  double confidence = 0;
  int64_t count = 0;
  double loss = 0;  // sum
};

std::vector<Tie> Ties(std::span<const double> confidence, std::span<const double> loss) {
  CheckSizes(confidence, loss);
  std::vector<size_t> order(confidence.size());
  std::iota(order.begin(), order.end(), size_t{0});
  for (const size_t i : order) {
    if (std::isnan(confidence[i]) || std::isnan(loss[i])) {
      throw Error(ErrorKind::kInternal, Cat("confidence ", confidence[i], " and loss ", loss[i]));
    }
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t i, size_t j) { return confidence[i] > confidence[j]; });
  std::vector<Tie> ties;
  for (const size_t i : order) {
    if (ties.empty() || ties.back().confidence != confidence[i]) ties.push_back({confidence[i], 0, 0});
    ++ties.back().count;
    ties.back().loss += loss[i];
  }
  return ties;
}

}  // namespace

std::vector<ReliabilityBin> ReliabilityTable(std::span<const double> confidence,
                                             std::span<const double> right, int32_t bins) {
  CheckSizes(confidence, right);
  if (bins < 1) throw Error(ErrorKind::kInternal, Cat("a reliability table of ", bins, " bins"));
  const double width = 1.0 / bins;
  std::vector<ReliabilityBin> table(static_cast<size_t>(bins));
  for (size_t i = 0; i < table.size(); ++i) {
    table[i].low = static_cast<double>(i) * width;
    table[i].high = i + 1 == table.size() ? 1.0 : static_cast<double>(i + 1) * width;
  }
  for (size_t i = 0; i < confidence.size(); ++i) {
    if (!(confidence[i] >= 0 && confidence[i] <= 1)) {
      throw Error(ErrorKind::kInternal, Cat("confidence ", confidence[i], " is no probability"));
    }
    const auto bin = std::lower_bound(table.begin(), table.end() - 1, confidence[i],
                                      [](const ReliabilityBin& b, double value) { return b.high < value; });
    ++bin->count;
    bin->confidence += confidence[i];
    bin->accuracy += right[i];
  }
  for (ReliabilityBin& bin : table) {
    const double count = bin.count == 0 ? kUndefined : static_cast<double>(bin.count);
    bin.confidence /= count;
    bin.accuracy /= count;
  }
  return table;
}

double ExpectedCalibrationError(const std::vector<ReliabilityBin>& table) {
  double sum = 0, total = 0;
  for (const ReliabilityBin& bin : table) {
    if (bin.count == 0) continue;
    total += static_cast<double>(bin.count);
    sum += static_cast<double>(bin.count) * std::abs(bin.confidence - bin.accuracy);
  }
  return total == 0 ? kUndefined : sum / total;
}

std::vector<RiskCoveragePoint> RiskCoverageCurve(std::span<const double> confidence,
                                                 std::span<const double> loss) {
  std::vector<RiskCoveragePoint> curve;
  int64_t count = 0;
  double sum = 0;
  for (const Tie& tie : Ties(confidence, loss)) {
    count += tie.count;
    sum += tie.loss;
    curve.push_back({tie.confidence, static_cast<double>(count) / static_cast<double>(confidence.size()),
                     sum / static_cast<double>(count)});
  }
  return curve;
}

double RiskCoverageArea(std::span<const double> confidence, std::span<const double> loss) {
  double area = 0, before = 0;
  int64_t count = 0;
  for (const Tie& tie : Ties(confidence, loss)) {
    const double mean = tie.loss / static_cast<double>(tie.count);
    // In a random order of the tie, its first k examples have k times the mean loss on average.
    for (int64_t k = 1; k <= tie.count; ++k) {
      area += (before + static_cast<double>(k) * mean) / static_cast<double>(count + k);
    }
    before += tie.loss;
    count += tie.count;
  }
  return count == 0 ? kUndefined : area / static_cast<double>(count);
}

}  // namespace bv
