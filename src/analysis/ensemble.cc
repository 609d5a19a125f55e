#include "analysis/ensemble.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();

std::vector<double> LogSoftmax(std::span<const float> logits) {
  double top = kNothing, sum = 0;
  for (const float logit : logits) top = std::max(top, static_cast<double>(logit));
  for (const float logit : logits) sum += std::exp(logit - top);
  std::vector<double> result;
  for (const float logit : logits) result.push_back(logit - top - std::log(sum));
  return result;
}

// log(exp(a) + exp(b)) without leaving the logarithm: probabilities may be too small for a double.
double LogAdd(double a, double b) {
  const double high = std::max(a, b);
  return high == kNothing ? kNothing : high + std::log1p(std::exp(std::min(a, b) - high));
}

// One window's starts, or its ends.
class Combination {
 public:
  Combination(EnsembleMode mode, size_t pieces) : mode_(mode), values_(pieces, kNothing) {}

  void Add(std::span<const float> logits, double weight) {
    if (weight == 0) return;
    const std::vector<double> member = LogSoftmax(logits);
    for (size_t i = 0; i < values_.size(); ++i) {
      values_[i] = mode_ == EnsembleMode::kMax ? std::max(values_[i], member[i])
                                               : LogAdd(values_[i], member[i] + std::log(weight));
    }
  }

  void Write(float* to) const {
    std::transform(values_.begin(), values_.end(), to,
                   [](double value) { return static_cast<float>(value); });
  }

 private:
  EnsembleMode mode_;
  std::vector<double> values_;
};

}  // namespace

void RequireMembers(size_t runs, std::span<const double> weights) {
  if (runs < 2)
    throw Error(ErrorKind::kUsage, Cat("--runs names ", runs, " run, an ensemble needs at least two"));
  if (weights.empty()) return;
  if (weights.size() != runs) {
    throw Error(ErrorKind::kUsage, Cat("--weights has ", weights.size(), " values for ", runs,
                                       " runs; their order is that of --runs"));
  }
  if (*std::max_element(weights.begin(), weights.end()) <= 0)
    throw Error(ErrorKind::kUsage, "--weights are all 0");
}

std::vector<double> MemberWeights(size_t members, EnsembleMode mode, std::span<const double> weights) {
  if (members == 0) throw Error(ErrorKind::kInternal, "an ensemble of nothing");
  if (mode != EnsembleMode::kWeighted) return std::vector<double>(members, 1);
  const bool fit = weights.size() == members && std::all_of(weights.begin(), weights.end(), [](double w) {
                     return w >= 0 && std::isfinite(w);
                   });
  if (!fit || std::accumulate(weights.begin(), weights.end(), 0.0) <= 0)
    throw Error(ErrorKind::kInternal, "an ensemble whose weights do not fit its systems");
  return {weights.begin(), weights.end()};
}

SpanLogits CombineLogits(const std::vector<const SpanLogits*>& members, EnsembleMode mode,
                         std::span<const double> weights) {
  const std::vector<double> weight = MemberWeights(members.size(), mode, weights);
  for (const SpanLogits* member : members) {
    if (member->offsets != members[0]->offsets)
      throw Error(ErrorKind::kInternal, "an ensemble of systems over different windows");
  }
  SpanLogits combined = *members[0];
  for (int64_t window = 0; window < combined.windows(); ++window) {
    const auto begin = static_cast<size_t>(combined.offsets[static_cast<size_t>(window)]);
    const size_t pieces = static_cast<size_t>(combined.offsets[static_cast<size_t>(window) + 1]) - begin;
    Combination starts(mode, pieces), ends(mode, pieces);
    for (size_t m = 0; m < members.size(); ++m) {
      starts.Add({members[m]->start.data() + begin, pieces}, weight[m]);
      ends.Add({members[m]->end.data() + begin, pieces}, weight[m]);
    }
    starts.Write(combined.start.data() + begin);
    ends.Write(combined.end.data() + begin);
  }
  return combined;
}

std::vector<double> WeightsByScore(std::span<const double> f1) {
  const double sum = std::accumulate(f1.begin(), f1.end(), 0.0);
  std::vector<double> weights;
  for (const double score : f1)
    weights.push_back(sum > 0 ? score / sum : 1.0 / static_cast<double>(f1.size()));
  return weights;
}

}  // namespace bv
