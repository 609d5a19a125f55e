#include "metrics/squad_scores.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/strings.h"
#include "metrics/answer_text.h"

namespace bv {
namespace {

using Tokens = std::vector<std::string>;

constexpr size_t kIdsInErrors = 5;

struct Score {
  double exact = 0;
  double f1 = 0;
};

int64_t CommonTokens(const Tokens& a, const Tokens& b) {
  std::map<std::string_view, int64_t> left;
  for (const std::string& token : a) ++left[token];
  int64_t common = 0;
  for (const std::string& token : b) {
    const auto found = left.find(token);
    if (found == left.end() || found->second == 0) continue;
    --found->second;
    ++common;
  }
  return common;
}

// The operations and their order are those of the scripts, for the last digit.
double TokenF1(const Tokens& gold, const Tokens& predicted, bool version2) {
  if (version2 && (gold.empty() || predicted.empty())) return gold == predicted ? 1 : 0;
  const auto common = static_cast<double>(CommonTokens(gold, predicted));
  if (common == 0) return 0;
  const double precision = common / static_cast<double>(predicted.size());
  const double recall = common / static_cast<double>(gold.size());
  return 2 * precision * recall / (precision + recall);
}

Score ScoreOne(const QaExample& example, const std::string& prediction, bool version2) {
  const Tokens predicted = AnswerTokens(prediction);
  Score best;
  bool any = false;
  const auto compare = [&](const Tokens& gold) {
    best.exact = std::max(best.exact, gold == predicted ? 1.0 : 0.0);
    best.f1 = std::max(best.f1, TokenF1(gold, predicted, version2));
    any = true;
  };
  for (const Answer& answer : example.answers) {
    const Tokens gold = AnswerTokens(answer.text);
    if (!version2 || !gold.empty()) compare(gold);
  }
  if (!any) compare({});
  return best;
}

// Collects the ids of questions that lack something; Check throws if there were any.
class MissingIds {
 public:
  void Add(const std::string& id) {
    if (count_++ < kIdsInErrors) first_.push_back(id);
  }
  void Check(const QaData& data, const char* what) const {
    if (count_ == 0) return;
    throw Error(ErrorKind::kData,
                Cat(count_, " of ", data.examples.size(), " questions of ", data.file, " have no ", what,
                    "; first ids: ", Join(first_, ", "), "; do the files belong together?"));
  }

 private:
  size_t count_ = 0;
  std::vector<std::string> first_;
};

std::vector<Score> RawScores(const QaData& data, const Predictions& predictions) {
  if (!data.has_answers)
    throw DataError(data.file, "not all its questions have gold answers, so it cannot be scored");
  std::vector<Score> scores;
  MissingIds missing;
  for (const QaExample& example : data.examples) {
    const auto prediction = predictions.find(example.id);
    if (prediction == predictions.end()) {
      missing.Add(example.id);
    } else {
      scores.push_back(ScoreOne(example, prediction->second, data.has_impossible));
    }
  }
  missing.Check(data, "prediction");
  return scores;
}

template <typename Keep>
std::optional<SquadGroup> Group(const QaData& data, const std::vector<Score>& scores, Keep keep) {
  SquadGroup group;
  double exact = 0;
  double f1 = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (!keep(data.examples[i])) continue;
    exact += scores[i].exact;
    f1 += scores[i].f1;
    ++group.total;
  }
  if (group.total == 0) return std::nullopt;
  const auto total = static_cast<double>(group.total);
  group.exact = 100.0 * exact / total;
  group.f1 = 100.0 * f1 / total;
  return group;
}

struct Threshold {
  double score = 0;  // percent
  double value = 0;
};

// Answers are given to more and more questions, the least null first; the best place to stop is the
// threshold. order: (null odds, question), stably sorted by odds.
Threshold BestThreshold(const QaData& data, const Predictions& predictions, const std::vector<Score>& scores,
                        const std::vector<std::pair<double, size_t>>& order, double Score::*metric) {
  double current = 0;
  for (const QaExample& example : data.examples) current += example.answers.empty() ? 1 : 0;
  Threshold best{current, 0};
  for (const auto& [odds, i] : order) {
    const QaExample& example = data.examples[i];
    if (!example.answers.empty()) {
      current += scores[i].*metric;
    } else if (!predictions.at(example.id).empty()) {
      current -= 1;
    }
    if (current > best.score) best = {current, odds};
  }
  best.score = 100.0 * best.score / static_cast<double>(scores.size());
  return best;
}

std::vector<std::pair<double, size_t>> OrderByOdds(const QaData& data, const NullOdds& null_odds) {
  std::unordered_map<std::string_view, size_t> index;
  for (size_t i = 0; i < data.examples.size(); ++i) index[data.examples[i].id] = i;
  std::vector<std::pair<double, size_t>> order;
  for (const auto& [id, odds] : null_odds) {
    const auto found = index.find(id);
    if (found == index.end()) continue;
    if (std::isnan(odds))
      throw Error(ErrorKind::kData, Cat("the null odds of question ", id, " are not a number"));
    order.emplace_back(odds, found->second);
    index.erase(found);
  }
  MissingIds missing;
  for (const QaExample& example : data.examples) {
    if (index.count(example.id) > 0) missing.Add(example.id);
  }
  missing.Check(data, "null odds");
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  return order;
}

void Append(OrderedJson* json, const std::string& prefix, const SquadGroup& group) {
  (*json)[prefix + "exact"] = group.exact;
  (*json)[prefix + "f1"] = group.f1;
  (*json)[prefix + "total"] = group.total;
}

}  // namespace

double AnswerExact(const std::string& gold, const std::string& prediction) {
  return AnswerTokens(gold) == AnswerTokens(prediction) ? 1 : 0;
}

double AnswerF1(const std::string& gold, const std::string& prediction, bool version2) {
  return TokenF1(AnswerTokens(gold), AnswerTokens(prediction), version2);
}

SquadScores ScoreSquad(const QaData& data, const Predictions& predictions, const NullOdds* null_odds,
                       double null_threshold) {
  SquadScores result;
  result.version2 = data.has_impossible;
  std::vector<Score> scores = RawScores(data, predictions);
  if (result.version2 && null_odds != nullptr) {
    const auto order = OrderByOdds(data, *null_odds);
    const Threshold exact = BestThreshold(data, predictions, scores, order, &Score::exact);
    const Threshold f1 = BestThreshold(data, predictions, scores, order, &Score::f1);
    result.best = SquadBest{exact.score, exact.value, f1.score, f1.value};
    for (const auto& [odds, i] : order) {
      if (odds > null_threshold) scores[i].exact = scores[i].f1 = data.examples[i].answers.empty() ? 1 : 0;
    }
  }
  result.all = Group(data, scores, [](const QaExample&) { return true; }).value();
  if (result.version2) {
    result.has_answer = Group(data, scores, [](const QaExample& e) { return !e.answers.empty(); });
    result.no_answer = Group(data, scores, [](const QaExample& e) { return e.answers.empty(); });
  }
  for (const Score& score : scores) {
    result.exact_values.push_back(score.exact);
    result.f1_values.push_back(score.f1);
  }
  return result;
}

OrderedJson OfficialJson(const SquadScores& scores) {
  OrderedJson json;
  if (!scores.version2) return {{"exact_match", scores.all.exact}, {"f1", scores.all.f1}};
  Append(&json, "", scores.all);
  if (scores.has_answer) Append(&json, "HasAns_", *scores.has_answer);
  if (scores.no_answer) Append(&json, "NoAns_", *scores.no_answer);
  if (scores.best) {
    json["best_exact"] = scores.best->exact;
    json["best_exact_thresh"] = scores.best->exact_threshold;
    json["best_f1"] = scores.best->f1;
    json["best_f1_thresh"] = scores.best->f1_threshold;
  }
  return json;
}

}  // namespace bv
