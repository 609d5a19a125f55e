#include "report/run_charts.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/strings.h"
#include "report/loss_charts.h"
#include "report/published.h"

namespace bv {
namespace {

using Intervals = std::vector<std::optional<SystemIntervals>>;

// One of the scores that charts show.
struct Score {
  const char* id;
  const char* title;
  std::initializer_list<const char*> names;
  Interval SystemIntervals::*interval;
  double PublishedScore::*published;
};

const Score kExact = {"exact",
                      "Exact match",
                      {"eval_exact", "eval_exact_match"},
                      &SystemIntervals::exact,
                      &PublishedScore::exact};
const Score kF1 = {"f1", "F1", {"eval_f1"}, &SystemIntervals::f1, &PublishedScore::f1};

std::optional<ChartPoint> PointOf(const ReportSystem& system, const std::optional<SystemIntervals>& intervals,
                                  const Score& score, double x) {
  const auto value = FindMetric(system.metrics, score.names);
  if (!value) return std::nullopt;
  ChartPoint point = {x, *value, std::nullopt, system.name};
  if (intervals) point.interval = (*intervals).*score.interval;
  return point;
}

ChartSeries* SeriesNamed(const std::string& name, Chart* chart) {
  for (ChartSeries& series : chart->series) {
    if (series.name == name) return &series;
  }
  chart->series.push_back({.name = name, .marks = SeriesMarks::kPoints});
  return &chart->series.back();
}

// Fine-tuning runs are told apart by their folders where there are several.
std::string BertSeries(const std::vector<ReportSystem>& systems, const ReportSystem& system) {
  std::set<std::string> runs;
  for (const ReportSystem& other : systems) {
    if (other.kind == SystemKind::kBert) runs.insert(other.run.string());
  }
  return runs.size() < 2 ? "fine-tuned BERT" : Cat("fine-tuned BERT, ", system.run.filename().string());
}

void AddPublishedLine(const std::vector<ReportSystem>& systems, const Score& score, Chart* chart) {
  const bool comparable = std::any_of(systems.begin(), systems.end(), [](const ReportSystem& system) {
    return PublishedFor(system).has_value();
  });
  if (!comparable) return;
  double last = 0;
  for (const ChartSeries& series : chart->series) {
    for (const ChartPoint& point : series.points) last = std::max(last, point.x);
  }
  ChartSeries line = {.name = "BERT as published", .marks = SeriesMarks::kLineAndPoints};
  line.dashed = true;
  for (const PublishedScore& row : PublishedScores()) {
    if (row.kind == SystemKind::kBert && row.epochs > 0 && row.epochs <= last)
      line.points.push_back({row.epochs, row.*score.published, std::nullopt, "published"});
  }
  chart->series.push_back(std::move(line));
}

Chart FineTuningChart(const std::vector<ReportSystem>& systems, const Intervals& intervals,
                      const Score& score) {
  Chart chart = {
      .id = Cat("fine-tuning-", score.id),
      .title = Cat(score.title, " against fine-tuning"),
      .note = "Heads stand just right of the epoch at which the fine-tuning of their backbone stopped.",
      .x_title = "epochs of fine-tuning",
      .y_title = Cat(score.title, ", %")};
  for (size_t i = 0; i < systems.size(); ++i) {
    const ReportSystem& system = systems[i];
    if (!system.epochs || system.kind == SystemKind::kEnsemble) continue;
    const auto point = PointOf(system, intervals[i], score, *system.epochs);
    if (!point) continue;
    const bool bert = system.kind == SystemKind::kBert;
    ChartSeries* series = SeriesNamed(bert ? BertSeries(systems, system) : system.head, &chart);
    if (bert) {
      series->reference = true;
      series->marks = SeriesMarks::kLineAndPoints;
    }
    series->points.push_back(*point);
  }
  for (ChartSeries& series : chart.series) {
    std::stable_sort(series.points.begin(), series.points.end(),
                     [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; });
  }
  AddPublishedLine(systems, score, &chart);
  return chart;
}

// Where the states of a head come from, in words that several heads share.
std::string HeadGroup(const ReportSystem& system) {
  if (system.epochs) return Cat("heads at ", *system.epochs, *system.epochs == 1 ? " epoch" : " epochs");
  const std::string folder = system.folder.parent_path().filename().string();
  return folder.empty() ? "heads" : Cat("heads in ", folder);
}

Chart ParametersChart(const std::vector<ReportSystem>& systems, const Intervals& intervals) {
  Chart chart = {.id = "parameters",
                 .title = "F1 against trained parameters",
                 .x_title = "parameters",
                 .y_title = "F1, %",
                 .log_x = true};
  for (size_t i = 0; i < systems.size(); ++i) {
    const ReportSystem& system = systems[i];
    if (system.parameters <= 0) continue;
    const auto point = PointOf(system, intervals[i], kF1, static_cast<double>(system.parameters));
    if (!point) continue;
    const bool bert = system.kind == SystemKind::kBert;
    ChartSeries* series = SeriesNamed(bert ? BertSeries(systems, system) : HeadGroup(system), &chart);
    series->reference = bert;
    series->points.push_back(*point);
  }
  return chart;
}

Chart AnswerableChart(const std::vector<ReportSystem>& systems, const Intervals& intervals) {
  Chart chart = {.id = "answerable",
                 .title = "Questions with and without an answer",
                 .note = "A system that always answers has 0 without an answer; one that never does has 100.",
                 .x_title = "system",
                 .y_title = "F1, %",
                 .series = {{.name = "with an answer"}, {.name = "without an answer"}}};
  for (size_t i = 0; i < systems.size(); ++i) {
    const auto has = FindMetric(systems[i].metrics, {"eval_HasAns_f1"});
    const auto no = FindMetric(systems[i].metrics, {"eval_NoAns_f1"});
    if (!has && !no) continue;
    const auto x = static_cast<double>(chart.categories.size());
    chart.categories.push_back(systems[i].name);
    const auto& known = intervals[i];
    if (has) chart.series[0].points.push_back({x, *has, known ? known->has_f1 : std::nullopt, ""});
    if (no) chart.series[1].points.push_back({x, *no, known ? known->no_answer : std::nullopt, ""});
  }
  return chart;
}

Chart WeightsChart(const std::vector<ReportSystem>& systems) {
  Chart chart = {.id = "layer-weights",
                 .title = "Layer weights",
                 .note = "How much a head takes of the states of each layer; 0 is the embeddings.",
                 .x_title = "layer",
                 .y_title = "weight"};
  for (const ReportSystem& system : systems) {
    if (!system.layer_weights) continue;
    ChartSeries series = {.name = system.name, .marks = SeriesMarks::kLineAndPoints};
    for (size_t i = 0; i < system.layer_weights->layers.size(); ++i) {
      series.points.push_back({static_cast<double>(system.layer_weights->layers[i]),
                               system.layer_weights->weights[i], std::nullopt, ""});
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

bool Empty(const Chart& chart) {
  return std::all_of(chart.series.begin(), chart.series.end(),
                     [](const ChartSeries& series) { return series.points.empty(); });
}

}  // namespace

std::vector<Chart> RunCharts(const std::vector<ReportSystem>& systems, const Intervals& intervals) {
  std::vector<Chart> charts = {FineTuningChart(systems, intervals, kExact),
                               FineTuningChart(systems, intervals, kF1), ParametersChart(systems, intervals),
                               AnswerableChart(systems, intervals), WeightsChart(systems)};
  for (Chart& chart : LossCharts(systems)) charts.push_back(std::move(chart));
  std::erase_if(charts, Empty);
  return charts;
}

}  // namespace bv
