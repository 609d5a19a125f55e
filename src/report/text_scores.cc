#include "report/text_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/strings.h"
#include "metrics/task_scores.h"
#include "report/html_text.h"

namespace bv {
namespace {

// Recorded scores went through decimal text.
constexpr double kSameScore = 1e-6;

std::vector<double> GoldsOf(const TaskExamples& examples) {
  std::vector<double> golds;
  for (int64_t row = 0; row < examples.size(); ++row) golds.push_back(GoldValue(examples, row));
  return golds;
}

std::string Disagreement(const ReportSystem& system, const TaskExamples& examples,
                         const TextAnswers& answers) {
  for (const auto& [name, value] : ScorePredictions(examples, answers.values)) {
    const auto recorded = FindMetric(system.metrics, {("eval_" + name).c_str()});
    if (recorded && std::abs(*recorded - value) > kSameScore) {
      return Cat("its predictions score ", name, " ", Fixed(value, 4),
                 ", not what the run recorded: predictions.json has changed since");
    }
  }
  return {};
}

SystemIntervals IntervalsOf(const Task& task, const std::vector<double>& golds, const TextAnswers& answers,
                            const BootstrapOptions& bootstrap) {
  SystemIntervals intervals;
  for (const std::string& metric : MetricNames(task)) {
    const auto score = [&](std::span<const int64_t> rows) {
      std::vector<double> gold, said;
      for (const int64_t row : rows) {
        gold.push_back(golds[static_cast<size_t>(row)]);
        said.push_back(answers.values[static_cast<size_t>(row)]);
      }
      return TaskScore(task, metric, said, gold);
    };
    const Interval interval = BootstrapScore(static_cast<int64_t>(golds.size()), score, bootstrap);
    if (std::isfinite(interval.low)) intervals[metric] = interval;
  }
  return intervals;
}

ConfusionMatrix MatrixOf(const TaskExamples& examples, const TextAnswers& answers) {
  ConfusionMatrix matrix(static_cast<int32_t>(examples.task.outputs()));
  for (int64_t row = 0; row < examples.size(); ++row) {
    matrix.Add(static_cast<int32_t>(GoldValue(examples, row)),
               static_cast<int32_t>(answers.values[static_cast<size_t>(row)]));
  }
  return matrix;
}

// Of the group's systems, by the task's first score, the best first; in the order given where equal.
std::vector<size_t> BestFirst(const AnsweredTexts& group) {
  const std::string metric = MetricNames(group.examples.task).front();
  const std::vector<double> golds = GoldsOf(group.examples);
  std::vector<double> scores;
  for (const TextAnswers& answers : group.answers) {
    const double score = TaskScore(group.examples.task, metric, answers.values, golds);
    scores.push_back(std::isfinite(score) ? score : -std::numeric_limits<double>::infinity());
  }
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  return order;
}

std::string ConfusionTable(const std::string& name, const Task& task, const ConfusionMatrix& matrix) {
  std::string html = Cat("<table class=\"confusion\"><caption>", HtmlText(name),
                         "</caption><thead><tr><th scope=\"col\">label</th>");
  for (const std::string& label : task.labels) html += Cat("<th scope=\"col\">", HtmlText(label), "</th>");
  html +=
      "<th scope=\"col\">precision</th><th scope=\"col\">recall</th><th "
      "scope=\"col\">F1</th></tr></thead><tbody>\n";
  const auto share = [](double value) { return std::isfinite(value) ? Fixed(value, 3) : std::string("–"); };
  for (int32_t gold = 0; gold < matrix.classes(); ++gold) {
    html += Cat("<tr><th scope=\"row\">", HtmlText(task.labels[static_cast<size_t>(gold)]), "</th>");
    for (int32_t said = 0; said < matrix.classes(); ++said) {
      html += Cat(gold == said ? "<td class=\"number right\">" : "<td class=\"number\">",
                  Thousands(matrix.Count(gold, said)), "</td>");
    }
    const ClassScores scores = matrix.Of(gold);
    for (const double value : {scores.precision, scores.recall, scores.f1})
      html += Cat("<td class=\"number\">", share(value), "</td>");
    html += "</tr>\n";
  }
  return html + "</tbody></table>\n";
}

}  // namespace

ScoredTexts ScoreTexts(const std::vector<ReportSystem>& systems, const TextDevData& data,
                       const BootstrapOptions& bootstrap) {
  ScoredTexts result;
  result.intervals.resize(systems.size());
  result.why_not = data.why_not;
  for (const AnsweredTexts& group : data.groups) {
    const std::vector<double> golds = GoldsOf(group.examples);
    for (size_t i = 0; i < group.systems.size(); ++i) {
      const size_t system = group.systems[i];
      std::string& why = result.why_not[system];
      why = Disagreement(systems[system], group.examples, group.answers[i]);
      if (why.empty() && bootstrap.resamples == 0) why = "no resamples were asked for";
      if (why.empty())
        result.intervals[system] = IntervalsOf(group.examples.task, golds, group.answers[i], bootstrap);
    }
  }
  return result;
}

std::vector<Chart> ClassCharts(const std::vector<ReportSystem>& systems, const TextDevData& data) {
  std::vector<Chart> charts;
  for (const AnsweredTexts& group : data.groups) {
    const Task& task = group.examples.task;
    if (task.labels.empty()) continue;
    Chart chart = {.id = charts.empty() ? "classes" : Cat("classes-", charts.size() + 1),
                   .title = "F1 of each label",
                   .x_title = "label",
                   .y_title = "F1",
                   .categories = task.labels};
    const std::vector<size_t> order = BestFirst(group);
    if (order.size() > kChartedSystems)
      chart.note = Cat("The ", kChartedSystems, " systems with the best first score.");
    for (size_t place = 0; place < std::min(order.size(), kChartedSystems); ++place) {
      ChartSeries series = {.name = systems[group.systems[order[place]]].name};
      const ConfusionMatrix matrix = MatrixOf(group.examples, group.answers[order[place]]);
      for (int32_t label = 0; label < matrix.classes(); ++label) {
        const double f1 = matrix.Of(label).f1;
        series.points.push_back({static_cast<double>(label), std::isfinite(f1) ? f1 : 0.0});
      }
      chart.series.push_back(std::move(series));
    }
    charts.push_back(std::move(chart));
  }
  return charts;
}

std::string ConfusionTables(const std::vector<ReportSystem>& systems, const TextDevData& data) {
  std::string html;
  for (const AnsweredTexts& group : data.groups) {
    if (group.examples.task.labels.empty()) continue;
    for (size_t i = 0; i < group.systems.size(); ++i) {
      html += Cat("<div class=\"scroll\" tabindex=\"0\">",
                  ConfusionTable(systems[group.systems[i]].name, group.examples.task,
                                 MatrixOf(group.examples, group.answers[i])),
                  "</div>\n");
    }
  }
  return html;
}

}  // namespace bv
