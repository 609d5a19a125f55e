#include "report/score_charts.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/strings.h"
#include "report/published.h"

namespace bv {
namespace {

bool OfSpans(const ScoreColumn& column) {
  return column.rows == ScoredRows::kSpans;
}

// "exact" of {"eval_exact", "eval_exact_match"}: for ids.
std::string KeyOf(const ScoreColumn& column) {
  constexpr std::string_view kPrefix = "eval_";
  std::string key = column.names.front();
  if (key.starts_with(kPrefix)) key.erase(0, kPrefix.size());
  return key;
}

std::string TitleOf(const ScoreColumn& column) {
  return column.title == "EM" ? "Exact match" : column.title;
}

std::string AxisOf(const ScoreColumn& column) {
  return OfSpans(column) ? TitleOf(column) + ", %" : TitleOf(column);
}

std::optional<ChartPoint> PointOf(const ChartInput& input, size_t row, const ScoreColumn& column, double x) {
  const ReportSystem& system = input.rows[row].system;
  const auto value = ScoreIn(column, system.metrics);
  if (!value) return std::nullopt;
  ChartPoint point = {x, *value, std::nullopt, system.name, static_cast<int64_t>(input.rows[row].seeds())};
  const auto& known = input.intervals[row];
  if (known && known->contains(column.title)) point.interval = known->at(column.title);
  return point;
}

ChartSeries* SeriesNamed(const std::string& name, Chart* chart) {
  for (ChartSeries& series : chart->series) {
    if (series.name == name) return &series;
  }
  chart->series.push_back({.name = name, .marks = SeriesMarks::kPoints});
  return &chart->series.back();
}

void SortPoints(Chart* chart) {
  for (ChartSeries& series : chart->series) {
    std::stable_sort(series.points.begin(), series.points.end(),
                     [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; });
  }
}

// Fine-tuning runs are told apart by their folders where there are several.
std::string BertSeries(const ChartInput& input, const ReportSystem& system) {
  std::set<std::string> runs;
  for (const ReportRow& row : input.rows) {
    if (row.system.kind == SystemKind::kBert) runs.insert(row.system.run.string());
  }
  return runs.size() < 2 ? "fine-tuned BERT" : Cat("fine-tuned BERT, ", system.run.filename().string());
}

void AddPublishedLine(const ChartInput& input, const ScoreColumn& column, Chart* chart) {
  const bool comparable =
      OfSpans(column) && std::any_of(input.rows.begin(), input.rows.end(),
                                     [](const auto& row) { return PublishedFor(row.system).has_value(); });
  if (!comparable) return;
  double last = 0;
  for (const ChartSeries& series : chart->series) {
    for (const ChartPoint& point : series.points) last = std::max(last, point.x);
  }
  ChartSeries line = {.name = "BERT as published", .marks = SeriesMarks::kLineAndPoints};
  line.dashed = true;
  for (const PublishedScore& row : PublishedScores()) {
    if (row.kind != SystemKind::kBert || row.epochs <= 0 || row.epochs > last) continue;
    line.points.push_back({row.epochs, column.title == "EM" ? row.exact : row.f1, std::nullopt, "published"});
  }
  chart->series.push_back(std::move(line));
}

Chart FineTuningChart(const ChartInput& input, const ScoreColumn& column) {
  Chart chart = {
      .id = Cat("fine-tuning-", KeyOf(column)),
      .title = Cat(TitleOf(column), " against fine-tuning"),
      .note = "Heads stand just right of the epoch at which the fine-tuning of their backbone stopped.",
      .x_title = "epochs of fine-tuning",
      .y_title = AxisOf(column)};
  const std::vector<bool> inside = InsideOfCurves(input.rows);
  for (size_t i = 0; i < input.rows.size(); ++i) {
    const ReportSystem& system = input.rows[i].system;
    if (!system.epochs || system.kind == SystemKind::kEnsemble || inside[i]) continue;
    const auto point = PointOf(input, i, column, *system.epochs);
    if (!point) continue;
    const bool bert = system.kind == SystemKind::kBert;
    ChartSeries* series = SeriesNamed(bert ? BertSeries(input, system) : system.head, &chart);
    if (bert) {
      series->reference = true;
      series->marks = SeriesMarks::kLineAndPoints;
    }
    series->points.push_back(*point);
  }
  SortPoints(&chart);
  AddPublishedLine(input, column, &chart);
  return chart;
}

// The rows of every curve that has at least two fractions.
std::vector<std::vector<size_t>> Curves(const std::vector<ReportRow>& rows) {
  std::vector<std::vector<size_t>> curves;
  std::set<std::string> seen;
  for (const ReportRow& row : rows) {
    if (row.curve.empty() || !seen.insert(row.curve).second) continue;
    std::vector<size_t>& curve = curves.emplace_back();
    std::set<double> fractions;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].curve != row.curve) continue;
      curve.push_back(i);
      fractions.insert(rows[i].fraction);
    }
    if (fractions.size() < 2) curves.pop_back();
  }
  return curves;
}

// The head's name; what the rows' names have in common where another curve is of the same head.
std::string CurveName(const std::vector<ReportRow>& rows, const std::vector<std::vector<size_t>>& curves,
                      const std::vector<size_t>& curve) {
  const std::string& head = rows[curve[0]].system.head;
  const auto same = std::count_if(curves.begin(), curves.end(),
                                  [&](const auto& other) { return rows[other[0]].system.head == head; });
  if (same == 1) return head;
  std::vector<std::string> names;
  names.reserve(curve.size());
  for (const size_t row : curve) names.push_back(rows[row].system.name);
  return CommonName(names);
}

Chart FractionChart(const ChartInput& input, const ScoreColumn& column) {
  Chart chart = {.id = Cat("fraction-", KeyOf(column)),
                 .title = Cat(TitleOf(column), " against the fraction of the training data"),
                 .note = "Heads trained on a part of the windows, on the same states; 0 is fresh weights.",
                 .x_title = "fraction of the training windows",
                 .y_title = AxisOf(column)};
  const auto curves = Curves(input.rows);
  for (const auto& curve : curves) {
    ChartSeries series = {.name = CurveName(input.rows, curves, curve), .marks = SeriesMarks::kLineAndPoints};
    for (const size_t row : curve) {
      if (const auto point = PointOf(input, row, column, input.rows[row].fraction))
        series.points.push_back(*point);
    }
    chart.series.push_back(std::move(series));
  }
  SortPoints(&chart);
  return chart;
}

// Where the states of a head come from, in words that several heads share.
std::string HeadGroup(const ReportRow& row) {
  const ReportSystem& system = row.system;
  if (system.epochs) return Cat("heads at ", *system.epochs, *system.epochs == 1 ? " epoch" : " epochs");
  const std::string folder = row.seeds() > 1 ? std::filesystem::path(system.name).parent_path().string()
                                             : system.folder.parent_path().filename().string();
  return folder.empty() ? "heads" : Cat("heads in ", folder);
}

Chart ParametersChart(const ChartInput& input, const ScoreColumn& column) {
  Chart chart = {.id = "parameters",
                 .title = Cat(TitleOf(column), " against trained parameters"),
                 .x_title = "parameters",
                 .y_title = AxisOf(column),
                 .log_x = true};
  const std::vector<bool> inside = InsideOfCurves(input.rows);
  for (size_t i = 0; i < input.rows.size(); ++i) {
    const ReportSystem& system = input.rows[i].system;
    if (system.parameters <= 0 || inside[i]) continue;
    const auto point = PointOf(input, i, column, static_cast<double>(system.parameters));
    if (!point) continue;
    const bool bert = system.kind == SystemKind::kBert;
    ChartSeries* series = SeriesNamed(bert ? BertSeries(input, system) : HeadGroup(input.rows[i]), &chart);
    series->reference = bert;
    series->points.push_back(*point);
  }
  return chart;
}

}  // namespace

std::vector<Chart> ScoreCharts(const ChartInput& input) {
  // The last column is the loss, which has charts of its own.
  const size_t scores = std::min<size_t>(2, input.columns.empty() ? 0 : input.columns.size() - 1);
  std::vector<Chart> charts;
  for (size_t i = 0; i < scores; ++i) charts.push_back(FineTuningChart(input, input.columns[i]));
  for (size_t i = 0; i < scores; ++i) charts.push_back(FractionChart(input, input.columns[i]));
  if (scores > 0) charts.push_back(ParametersChart(input, input.columns[OfSpans(input.columns[0]) ? 1 : 0]));
  return charts;
}

}  // namespace bv
