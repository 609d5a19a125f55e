#include "cli/score_report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/strings.h"

namespace bv::cli {
namespace {

Interval Percent(const Interval& interval) {
  return {100 * interval.low, 100 * interval.high};
}

template <typename Keep>
std::optional<ScoreIntervals::Pair> GroupIntervals(const QaData& data, const SquadScores& scores,
                                                   const BootstrapOptions& options, Keep keep) {
  std::vector<double> exact, f1;
  for (size_t i = 0; i < data.examples.size(); ++i) {
    if (!keep(data.examples[i])) continue;
    exact.push_back(scores.exact_values[i]);
    f1.push_back(scores.f1_values[i]);
  }
  if (exact.empty()) return std::nullopt;
  const std::vector<Interval> intervals = BootstrapMeans({exact, f1}, options);
  return ScoreIntervals::Pair{Percent(intervals[0]), Percent(intervals[1])};
}

ScoreIntervals Intervals(const QaData& data, const SquadScores& scores, const BootstrapOptions& options) {
  const auto of = [&](auto keep) { return GroupIntervals(data, scores, options, keep); };
  ScoreIntervals intervals;
  intervals.all = of([](const QaExample&) { return true; }).value();
  if (scores.version2) {
    intervals.has_answer = of([](const QaExample& example) { return !example.answers.empty(); });
    intervals.no_answer = of([](const QaExample& example) { return example.answers.empty(); });
  }
  return intervals;
}

// The same questions in the same groups, whatever they are scored by.
SquadScores AsSquadScores(const PieceScores& pieces, bool version2) {
  SquadScores scores;
  scores.version2 = version2;
  scores.all = pieces.all;
  if (version2) scores.has_answer = pieces.has_answer;
  if (version2) scores.no_answer = pieces.no_answer;
  scores.exact_values = pieces.exact_values;
  scores.f1_values = pieces.f1_values;
  return scores;
}

ScoreDifference Difference(const SquadScores& scores, const SquadScores& other,
                           const BootstrapOptions& options) {
  ScoreDifference difference{scores.all.exact - other.all.exact, scores.all.f1 - other.all.f1, {}};
  if (options.resamples > 0) {
    difference.intervals = {Percent(BootstrapDifference(scores.exact_values, other.exact_values, options)),
                            Percent(BootstrapDifference(scores.f1_values, other.f1_values, options))};
  }
  return difference;
}

std::string Column(const std::string& text, size_t width) {
  const auto used = static_cast<size_t>(CodePoints(text));
  return std::string(width > used ? width - used : 0, ' ') + text;
}

std::string Shown(const Interval& interval) {
  return Cat(Fixed(interval.low, 2), " to ", Fixed(interval.high, 2));
}

std::string Row(const std::string& name, const SquadGroup& group, const ScoreIntervals::Pair* intervals) {
  const auto column = [](double value, const Interval* interval) {
    return Column(Fixed(value, 2), 8) + (interval ? Column(Shown(*interval), 18) : "");
  };
  return name + std::string(16 - name.size(), ' ') +
         column(group.exact, intervals ? &intervals->exact : nullptr) +
         column(group.f1, intervals ? &intervals->f1 : nullptr) + Column(Thousands(group.total), 11) + "\n";
}

std::string Signed(double value) {
  return (value > 0 ? "+" : "") + Fixed(value, 2);
}

OrderedJson IntervalJson(const Interval& interval) {
  return {interval.low, interval.high};
}

void AddJson(OrderedJson* json, const std::string& prefix, const ScoreIntervals::Pair& pair) {
  (*json)[prefix + "exact"] = IntervalJson(pair.exact);
  (*json)[prefix + "f1"] = IntervalJson(pair.f1);
}

void AddJson(OrderedJson* json, const std::string& name, const ScoreIntervals& intervals) {
  AddJson(json, name, intervals.all);
  if (intervals.has_answer) AddJson(json, "HasAns_" + name, *intervals.has_answer);
  if (intervals.no_answer) AddJson(json, "NoAns_" + name, *intervals.no_answer);
}

OrderedJson IntervalsJson(const ScoreReport& report) {
  OrderedJson json = {{"confidence", report.bootstrap.confidence},
                      {"resamples", report.bootstrap.resamples},
                      {"seed", report.bootstrap.seed}};
  AddJson(&json, "", *report.intervals);
  if (report.piece_intervals) AddJson(&json, "piece_", *report.piece_intervals);
  return json;
}

std::string Rows(const SquadScores& scores, const ScoreIntervals* intervals) {
  std::string text = Row("all", scores.all, intervals ? &intervals->all : nullptr);
  if (scores.has_answer)
    text += Row("with answer", *scores.has_answer, intervals ? &*intervals->has_answer : nullptr);
  if (scores.no_answer)
    text += Row("without answer", *scores.no_answer, intervals ? &*intervals->no_answer : nullptr);
  return text;
}

std::string ComparisonLines(const ScoreReport& report) {
  const SquadGroup& other = report.other->scores.all;
  const ScoreDifference& difference = *report.difference;
  const ScoreIntervals::Pair* intervals = difference.intervals ? &*difference.intervals : nullptr;
  const auto line = [](const char* name, double value, const Interval* interval) {
    return Cat("difference in ", name, ": ", Signed(value), interval ? Cat(" (", Shown(*interval), ")") : "",
               "\n");
  };
  return Cat("\ncompared with ", report.other->name, ": exact ", Fixed(other.exact, 2), ", F1 ",
             Fixed(other.f1, 2), "\n") +
         line("exact", difference.exact, intervals ? &intervals->exact : nullptr) +
         line("F1", difference.f1, intervals ? &intervals->f1 : nullptr);
}

}  // namespace

ScoreReport MakeReport(const QaData& data, ScoredFile scored, std::optional<ScoredFile> other,
                       const BootstrapOptions& bootstrap) {
  ScoreReport report{std::move(scored), {}, std::move(other), {}, bootstrap};
  if (bootstrap.resamples > 0) report.intervals = Intervals(data, report.scored.scores, bootstrap);
  if (bootstrap.resamples > 0 && report.scored.pieces) {
    const SquadScores pieces = AsSquadScores(*report.scored.pieces, report.scored.scores.version2);
    report.piece_intervals = Intervals(data, pieces, bootstrap);
  }
  if (report.other) report.difference = Difference(report.scored.scores, report.other->scores, bootstrap);
  return report;
}

std::string ReportTable(const QaData& data, const ScoreReport& report) {
  const SquadScores& scores = report.scored.scores;
  const auto impossible = std::count_if(data.examples.begin(), data.examples.end(),
                                        [](const QaExample& example) { return example.answers.empty(); });
  std::string text =
      Cat(data.file, ": ", Thousands(static_cast<int64_t>(data.examples.size())), " questions, ",
          scores.version2 ? Cat(Thousands(impossible), " without an answer (SQuAD 2.0)")
                          : "all with an answer (SQuAD 1.1)",
          "\n", report.scored.name, "\n\n", std::string(16, ' '));
  const std::string percent = Cat(Fixed(100 * report.bootstrap.confidence, 0), " % interval");
  const std::string interval = report.intervals ? Column(percent, 18) : "";
  text += Column("exact", 8) + interval + Column("F1", 8) + interval + Column("questions", 11) + "\n";
  const ScoreIntervals* intervals = report.intervals ? &*report.intervals : nullptr;
  text += Rows(scores, intervals);
  if (report.scored.pieces) {
    text += "\nover WordPieces, as the study scored (not comparable to the official scores above)\n" +
            Rows(AsSquadScores(*report.scored.pieces, scores.version2),
                 report.piece_intervals ? &*report.piece_intervals : nullptr);
  }
  if (scores.best) {
    text += Cat("\nbest exact ", Fixed(scores.best->exact, 2), " at null threshold ",
                Fixed(scores.best->exact_threshold, 4), ", best F1 ", Fixed(scores.best->f1, 2), " at ",
                Fixed(scores.best->f1_threshold, 4), "\n");
  }
  if (report.other) text += ComparisonLines(report);
  if (intervals != nullptr) {
    text += Cat("\nIntervals: bootstrap over questions, ", Thousands(report.bootstrap.resamples),
                " resamples, seed ", report.bootstrap.seed, ".\n");
  }
  return text;
}

OrderedJson ReportJson(const ScoreReport& report) {
  OrderedJson json = OfficialJson(report.scored.scores);
  if (report.scored.pieces) {
    for (const auto& [name, value] : PieceMetrics(*report.scored.pieces)) json[name] = value;
  }
  if (report.intervals) json["intervals"] = IntervalsJson(report);
  if (report.other) {
    OrderedJson compared = {{"predictions", report.other->name}};
    compared.update(OfficialJson(report.other->scores));
    OrderedJson difference = {{"exact", report.difference->exact}, {"f1", report.difference->f1}};
    if (report.difference->intervals) {
      difference["exact_interval"] = IntervalJson(report.difference->intervals->exact);
      difference["f1_interval"] = IntervalJson(report.difference->intervals->f1);
    }
    compared["difference"] = std::move(difference);
    json["compared"] = std::move(compared);
  }
  return json;
}

}  // namespace bv::cli
