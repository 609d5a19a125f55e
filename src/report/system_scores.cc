#include "report/system_scores.h"

#include <cmath>

#include "base/strings.h"

namespace bv {
namespace {

// Recorded scores went through decimal text.
constexpr double kSameScore = 1e-6;

Interval Percent(const Interval& interval) {
  return {100 * interval.low, 100 * interval.high};
}

// The intervals of two values of every system over the questions that keep() chooses: exact, then F1. Empty
// if there are no such questions.
template <typename Keep>
std::vector<Interval> IntervalsOver(const QaData& data, const AnswerScores& scores,
                                    const BootstrapOptions& options, Keep keep) {
  std::vector<std::vector<double>> kept;
  for (const auto* values : {&scores.exact, &scores.f1}) {
    for (const std::vector<double>& all : *values) {
      std::vector<double>& column = kept.emplace_back();
      for (size_t i = 0; i < all.size(); ++i) {
        if (keep(data.examples[i])) column.push_back(all[i]);
      }
    }
  }
  if (kept.empty() || kept.front().empty()) return {};
  return BootstrapMeans(std::vector<std::span<const double>>(kept.begin(), kept.end()), options);
}

// Says where the scores computed now are not the recorded ones; empty if they are.
std::string Disagreement(const ReportSystem& system, const SquadScores& scores) {
  const auto exact = FindMetric(system.metrics, {"eval_exact", "eval_exact_match"});
  const auto f1 = FindMetric(system.metrics, {"eval_f1"});
  const auto differs = [](std::optional<double> recorded, double now) {
    return recorded && std::abs(*recorded - now) > kSameScore;
  };
  if (!differs(exact, scores.all.exact) && !differs(f1, scores.all.f1)) return {};
  return Cat("its predictions score EM ", Fixed(scores.all.exact, 2), ", F1 ", Fixed(scores.all.f1, 2),
             ", not what the run recorded: predictions.json has changed since");
}

void AddIntervals(const AnsweredData& group, const AnswerScores& scores, bool version2,
                  const BootstrapOptions& options, ScoredSystems* result) {
  const size_t n = group.systems.size();
  const auto all = IntervalsOver(group.data, scores, options, [](const QaExample&) { return true; });
  std::vector<Interval> has, no;
  if (version2) {
    has = IntervalsOver(group.data, scores, options, [](const QaExample& e) { return !e.answers.empty(); });
    no = IntervalsOver(group.data, scores, options, [](const QaExample& e) { return e.answers.empty(); });
  }
  for (size_t i = 0; i < n; ++i) {
    if (!result->why_not[group.systems[i]].empty()) continue;
    SystemIntervals& intervals = result->intervals[group.systems[i]].emplace();
    intervals["EM"] = Percent(all[i]);
    intervals["F1"] = Percent(all[n + i]);
    if (!has.empty()) {
      intervals["HasAns EM"] = Percent(has[i]);
      intervals["HasAns F1"] = Percent(has[n + i]);
    }
    if (!no.empty()) intervals["NoAns"] = Percent(no[n + i]);
  }
}

}  // namespace

std::vector<std::optional<SystemIntervals>> RowIntervals(
    const std::vector<ReportRow>& rows, const std::vector<ScoreColumn>& columns,
    const std::vector<std::optional<SystemIntervals>>& systems) {
  std::vector<std::optional<SystemIntervals>> result;
  for (const ReportRow& row : rows) {
    if (row.seeds() < 2) {
      result.push_back(systems[row.members[0]]);
      continue;
    }
    SystemIntervals& range = result.emplace_back().emplace();
    for (const ScoreColumn& column : columns) {
      if (const auto spread = SpreadIn(column, row)) range[column.title] = *spread;
    }
  }
  return result;
}

ScoredSystems ScoreSystems(const std::vector<ReportSystem>& systems, const DevData& data,
                           const BootstrapOptions& bootstrap) {
  ScoredSystems result;
  result.intervals.resize(systems.size());
  result.why_not = data.why_not;
  for (const AnsweredData& group : data.groups) {
    AnswerScores& scores = result.groups.emplace_back();
    bool version2 = false;
    for (size_t i = 0; i < group.systems.size(); ++i) {
      SquadScores one = ScoreSquad(group.data, group.predictions[i]);
      version2 = one.version2;
      result.why_not[group.systems[i]] = Disagreement(systems[group.systems[i]], one);
      scores.exact.push_back(std::move(one.exact_values));
      scores.f1.push_back(std::move(one.f1_values));
    }
    if (bootstrap.resamples > 0) AddIntervals(group, scores, version2, bootstrap, &result);
  }
  if (bootstrap.resamples == 0) {
    for (std::string& why : result.why_not) {
      if (why.empty()) why = "no resamples were asked for";
    }
  }
  return result;
}

}  // namespace bv
