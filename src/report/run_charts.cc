#include "report/run_charts.h"

#include <algorithm>

#include "report/loss_charts.h"
#include "report/score_charts.h"

namespace bv {
namespace {

Chart AnswerableChart(const ChartInput& input) {
  Chart chart = {.id = "answerable",
                 .title = "Questions with and without an answer",
                 .note = "A system that always answers has 0 without an answer; one that never does has 100.",
                 .x_title = "system",
                 .y_title = "F1, %",
                 .series = {{.name = "with an answer"}, {.name = "without an answer"}}};
  for (size_t i = 0; i < input.rows.size(); ++i) {
    const ReportRow& row = input.rows[i];
    const auto has = FindMetric(row.system.metrics, {"eval_HasAns_f1"});
    const auto no = FindMetric(row.system.metrics, {"eval_NoAns_f1"});
    if (!has && !no) continue;
    const auto x = static_cast<double>(chart.categories.size());
    chart.categories.push_back(row.system.name);
    const auto add = [&](size_t series, const std::optional<double>& score, const char* title) {
      if (!score) return;
      ChartPoint point = {x, *score, std::nullopt, "", static_cast<int64_t>(row.seeds())};
      const auto& known = input.intervals[i];
      if (known && known->contains(title)) point.interval = known->at(title);
      chart.series[series].points.push_back(point);
    };
    add(0, has, "HasAns F1");
    add(1, no, "NoAns");
  }
  return chart;
}

Chart WeightsChart(const std::vector<ReportRow>& rows) {
  Chart chart = {
      .id = "layer-weights",
      .title = "Layer weights",
      .note =
          "What a head takes of each layer, as shares: its pooling weights, else norms of what its "
          "output or its adapters do with the layer. 0 is the embeddings, -1 the pooled state.",
      .x_title = "layer",
      .y_title = "share"};
  for (const ReportRow& row : rows) {
    if (!row.system.layer_weights) continue;
    ChartSeries series = {.name = row.system.name, .marks = SeriesMarks::kLineAndPoints};
    const LayerWeights& weights = *row.system.layer_weights;
    for (size_t i = 0; i < weights.layers.size(); ++i)
      series.points.push_back({static_cast<double>(weights.layers[i]), weights.weights[i]});
    chart.series.push_back(std::move(series));
  }
  return chart;
}

bool Empty(const Chart& chart) {
  return std::all_of(chart.series.begin(), chart.series.end(),
                     [](const ChartSeries& series) { return series.points.empty(); });
}

}  // namespace

std::vector<Chart> RunCharts(const ChartInput& input) {
  std::vector<Chart> charts = ScoreCharts(input);
  charts.push_back(AnswerableChart(input));
  charts.push_back(WeightsChart(input.rows));
  for (Chart& chart : LossCharts(input.systems)) charts.push_back(std::move(chart));
  std::erase_if(charts, Empty);
  return charts;
}

}  // namespace bv
