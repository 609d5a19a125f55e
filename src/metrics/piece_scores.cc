#include "metrics/piece_scores.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

// Sums until Finish makes percents of them.
void Add(double exact, double f1, SquadGroup* group) {
  group->exact += exact;
  group->f1 += f1;
  ++group->total;
}

std::optional<SquadGroup> Finish(SquadGroup group) {
  if (group.total == 0) return std::nullopt;
  group.exact = 100.0 * group.exact / static_cast<double>(group.total);
  group.f1 = 100.0 * group.f1 / static_cast<double>(group.total);
  return group;
}

}  // namespace

double PieceExact(std::span<const int32_t> gold, std::span<const int32_t> predicted) {
  return std::equal(gold.begin(), gold.end(), predicted.begin(), predicted.end()) ? 1 : 0;
}

double PieceF1(std::span<const int32_t> gold, std::span<const int32_t> predicted) {
  if (gold.empty() || predicted.empty()) return gold.size() == predicted.size() ? 1 : 0;
  std::vector<int32_t> a(gold.begin(), gold.end()), b(predicted.begin(), predicted.end()), same;
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  // The intersection of sorted ranges is that of multisets.
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(same));
  return 2 * static_cast<double>(same.size()) / static_cast<double>(a.size() + b.size());
}

std::vector<std::pair<std::string, double>> PieceMetrics(const PieceScores& scores) {
  std::vector<std::pair<std::string, double>> metrics;
  const auto add = [&](const char* prefix, const SquadGroup& group) {
    metrics.emplace_back(Cat(prefix, "piece_exact"), group.exact);
    metrics.emplace_back(Cat(prefix, "piece_f1"), group.f1);
  };
  add("", scores.all);
  if (scores.has_answer) add("HasAns_", *scores.has_answer);
  if (scores.no_answer) add("NoAns_", *scores.no_answer);
  return metrics;
}

PieceScores ScorePieces(const QaData& data, const Tokenizer& tokenizer,
                        const std::vector<std::vector<int32_t>>& predicted) {
  RequireAnswers(data);
  if (predicted.size() != data.examples.size()) {
    throw Error(ErrorKind::kInternal,
                Cat(predicted.size(), " predictions for ", data.examples.size(), " questions"));
  }
  PieceScores scores;
  SquadGroup all, has_answer, no_answer;
  for (size_t i = 0; i < predicted.size(); ++i) {
    const QaExample& example = data.examples[i];
    double exact = 0, f1 = 0;
    if (example.answers.empty()) exact = f1 = predicted[i].empty() ? 1 : 0;
    for (const Answer& answer : example.answers) {
      const std::vector<int32_t> gold = tokenizer.Encode(answer.text).ids;
      exact = std::max(exact, PieceExact(gold, predicted[i]));
      f1 = std::max(f1, PieceF1(gold, predicted[i]));
    }
    Add(exact, f1, &all);
    Add(exact, f1, example.answers.empty() ? &no_answer : &has_answer);
    scores.exact_values.push_back(exact);
    scores.f1_values.push_back(f1);
  }
  scores.all = Finish(all).value_or(SquadGroup());
  scores.has_answer = Finish(has_answer);
  scores.no_answer = Finish(no_answer);
  return scores;
}

}  // namespace bv
