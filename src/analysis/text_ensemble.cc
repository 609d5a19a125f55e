#include "analysis/text_ensemble.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/out_of_sample.h"
#include "base/error.h"
#include "base/strings.h"
#include "metrics/task_scores.h"

namespace bv {
namespace {

// Logarithms of combined probabilities; a class that no system gives any probability stays finite.
void CombineClasses(const std::vector<const TextLogits*>& members, EnsembleMode mode,
                    const std::vector<double>& weights, int64_t window, float* to) {
  const auto classes = static_cast<size_t>(members[0]->outputs);
  std::vector<double> combined(classes, 0);
  for (size_t m = 0; m < members.size(); ++m) {
    const std::vector<double> shares = SoftmaxOf(members[m]->Row(window));
    for (size_t c = 0; c < classes; ++c) {
      combined[c] = mode == EnsembleMode::kMax ? std::max(combined[c], shares[c])
                                               : combined[c] + weights[m] * shares[c];
    }
  }
  constexpr double kLeast = 1e-300;
  for (size_t c = 0; c < classes; ++c) to[c] = static_cast<float>(std::log(std::max(combined[c], kLeast)));
}

std::vector<double> Scores(const TextRunSet& set, const std::vector<int>& half, int which) {
  std::vector<double> scores;
  for (const AnalysedTextRun& run : set.runs) {
    std::vector<double> golds, values;
    for (size_t i = 0; i < half.size(); ++i) {
      if (half[i] != which) continue;
      golds.push_back(set.golds[i]);
      values.push_back(run.predictions.values[i]);
    }
    scores.push_back(TaskScore(set.task(), MainMetric(set.task()), values, golds));
  }
  return scores;
}

}  // namespace

TextLogits CombineTexts(const std::vector<const TextLogits*>& members, bool regression, EnsembleMode mode,
                        std::span<const double> weights) {
  if (regression && mode == EnsembleMode::kMax) {
    throw Error(
        ErrorKind::kUsage,
        "--mode max is of probabilities, and a regression has none; add takes the mean of the values, "
        "weighted a weighted mean");
  }
  const std::vector<double> weight = MemberWeights(members.size(), mode, weights);
  for (const TextLogits* member : members) {
    if (member->example != members[0]->example || member->outputs != members[0]->outputs)
      throw Error(ErrorKind::kInternal, "an ensemble of systems over different windows");
  }
  const double sum = std::accumulate(weight.begin(), weight.end(), 0.0);
  TextLogits combined = *members[0];
  for (int64_t window = 0; window < combined.windows(); ++window) {
    float* to = combined.logits.data() + window * combined.outputs;
    if (!regression) {
      CombineClasses(members, mode, weight, window, to);
      continue;
    }
    double value = 0;
    for (size_t m = 0; m < members.size(); ++m)
      value += weight[m] * static_cast<double>(members[m]->Row(window)[0]);
    *to = static_cast<float>(value / sum);
  }
  return combined;
}

std::vector<double> WeightsOfRuns(const std::vector<double>& scores) {
  std::vector<double> counted;
  counted.reserve(scores.size());
  for (const double score : scores) counted.push_back(std::isfinite(score) ? std::max(score, 0.0) : 0.0);
  return WeightsByScore(counted);
}

TextsOutOfSample ScoreTextsOutOfSample(const TextRunSet& set, uint64_t seed) {
  RequireLabels(set);
  const std::vector<int> half = SplitByGroup(set.rows.groups, seed, set.rows.examples.file());
  std::vector<const TextLogits*> members;
  for (const AnalysedTextRun& run : set.runs) members.push_back(&run.logits);
  TextsOutOfSample result;
  std::vector<double> values(half.size());
  for (const int which : {0, 1}) {
    std::vector<double>& weights = result.weights[static_cast<size_t>(which)];
    weights = WeightsOfRuns(Scores(set, half, 1 - which));
    const TextPredictions predictions = DecideTexts(
        set.rows.examples, CombineTexts(members, !set.of_classes(), EnsembleMode::kWeighted, weights));
    for (size_t i = 0; i < half.size(); ++i) {
      if (half[i] == which) values[i] = predictions.values[i];
    }
  }
  result.scores = ScorePredictions(set.rows.examples, values);
  return result;
}

}  // namespace bv
