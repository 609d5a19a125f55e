#include "analysis/out_of_sample.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "base/error.h"
#include "base/rng.h"
#include "base/strings.h"

namespace bv {
namespace {

// What each question counts if it is answered with its best span, and if it is not answered.
struct Judged {
  std::vector<double> odds, exact, f1, silent;
};

Judged Judge(const QaData& data, const std::vector<DecodedAnswer>& answers) {
  Predictions best;
  Judged judged;
  for (size_t i = 0; i < answers.size(); ++i) {
    best[data.examples[i].id] = answers[i].best_text;
    judged.odds.push_back(answers[i].null_odds);
    judged.silent.push_back(data.examples[i].answers.empty() ? 1 : 0);
  }
  SquadScores scores = ScoreSquad(data, best);
  judged.exact = std::move(scores.exact_values);
  judged.f1 = std::move(scores.f1_values);
  return judged;
}

std::vector<double> Chosen(const std::vector<double>& values, const std::vector<int>& half, int which) {
  std::vector<double> chosen;
  for (size_t i = 0; i < values.size(); ++i) {
    if (half[i] == which) chosen.push_back(values[i]);
  }
  return chosen;
}

// The best threshold on one half. Without unanswerable questions everything is answered.
double ThresholdOn(const QaData& data, const Judged& judged, const std::vector<int>& half, int which) {
  if (!data.has_impossible) return std::numeric_limits<double>::infinity();
  return FitThreshold(Chosen(judged.odds, half, which), Chosen(judged.f1, half, which),
                      Chosen(judged.silent, half, which));
}

double PercentAt(double threshold, const Judged& judged, const std::vector<double>& answered,
                 const std::vector<int>& half, int which) {
  double sum = 0, count = 0;
  for (size_t i = 0; i < half.size(); ++i) {
    if (half[i] != which) continue;
    sum += judged.odds[i] <= threshold ? answered[i] : judged.silent[i];
    ++count;
  }
  return 100 * sum / count;
}

FittedHalf Measure(const Judged& judged, const std::vector<int>& half, int which, double threshold,
                   std::vector<double> weights) {
  return {.questions = std::count(half.begin(), half.end(), which),
          .threshold = threshold,
          .weights = std::move(weights),
          .exact = PercentAt(threshold, judged, judged.exact, half, which),
          .f1 = PercentAt(threshold, judged, judged.f1, half, which)};
}

OutOfSampleScores Pooled(const std::string& name, std::array<FittedHalf, 2> halves) {
  OutOfSampleScores scores = {name, std::move(halves), 0, 0};
  double all = 0;
  for (const FittedHalf& half : scores.halves) {
    const auto questions = static_cast<double>(half.questions);
    scores.exact += questions * half.exact;
    scores.f1 += questions * half.f1;
    all += questions;
  }
  scores.exact /= all;
  scores.f1 /= all;
  return scores;
}

}  // namespace

std::vector<int> SplitByGroup(const std::vector<int32_t>& groups, uint64_t seed, const std::string& file) {
  std::map<int32_t, int> half_of;
  for (const int32_t group : groups) half_of[group] = 0;
  const auto count = static_cast<int64_t>(half_of.size());
  if (count < 2) throw DataError(file, "halves need at least two rows, of questions two contexts");
  const std::vector<int64_t> order = Permutation(count, SubSeed(seed, "halves"));
  size_t next = 0;
  for (auto& [group, half] : half_of) half = order[next++] < count / 2 ? 0 : 1;
  std::vector<int> halves;
  halves.reserve(groups.size());
  for (const int32_t group : groups) halves.push_back(half_of[group]);
  return halves;
}

std::vector<int> SplitByContext(const QaData& data, uint64_t seed) {
  std::vector<int32_t> contexts;
  for (const QaExample& example : data.examples) contexts.push_back(example.context);
  return SplitByGroup(contexts, seed, data.file);
}

double FitThreshold(std::span<const double> odds, std::span<const double> answered,
                    std::span<const double> silent) {
  if (odds.empty() || answered.size() != odds.size() || silent.size() != odds.size())
    throw Error(ErrorKind::kInternal, Cat("a threshold from ", odds.size(), " null odds"));
  std::vector<size_t> order(odds.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return odds[a] < odds[b]; });
  double threshold = odds[order[0]] - 1, gain = 0, best = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    gain += answered[order[i]] - silent[order[i]];
    // Equal odds are answered together or not at all.
    const bool last_of_equal = i + 1 == order.size() || odds[order[i + 1]] != odds[order[i]];
    if (last_of_equal && gain > best) {
      best = gain;
      threshold = odds[order[i]];
    }
  }
  return threshold;
}

std::vector<OutOfSampleScores> ScoreOutOfSample(const RunSet& set, EnsembleMode mode,
                                                std::span<const double> weights, const DecodeOptions& decode,
                                                uint64_t seed) {
  RequireScores(set);
  const std::vector<int> half = SplitByContext(set.data, seed);
  std::vector<OutOfSampleScores> scores;
  std::vector<const SpanLogits*> members;
  std::array<std::vector<double>, 2> fitted_f1;  // of each run on each half, with the half's own threshold
  for (const AnalysedRun& run : set.runs) {
    const Judged judged = Judge(set.data, run.answers);
    std::array<FittedHalf, 2> halves;
    for (const int which : {0, 1}) {
      const double threshold = ThresholdOn(set.data, judged, half, 1 - which);
      halves[static_cast<size_t>(which)] = Measure(judged, half, which, threshold, {});
      fitted_f1[static_cast<size_t>(1 - which)].push_back(
          PercentAt(threshold, judged, judged.f1, half, 1 - which));
    }
    scores.push_back(Pooled(run.name, std::move(halves)));
    members.push_back(&run.logits);
  }
  std::array<FittedHalf, 2> halves;
  for (const int which : {0, 1}) {
    std::vector<double> used(weights.begin(), weights.end());
    if (mode == EnsembleMode::kWeighted && used.empty())
      used = WeightsByScore(fitted_f1[static_cast<size_t>(1 - which)]);
    const Judged judged =
        Judge(set.data, DecodeSpans(set.data, CombineLogits(members, mode, used), decode, set.threads));
    const double threshold = ThresholdOn(set.data, judged, half, 1 - which);
    halves[static_cast<size_t>(which)] = Measure(judged, half, which, threshold, std::move(used));
  }
  scores.push_back(Pooled("ensemble", std::move(halves)));
  return scores;
}

}  // namespace bv
