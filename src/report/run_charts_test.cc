#include "report/run_charts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "report/loss_charts.h"
#include "report/testing.h"

namespace bv {
namespace {

using testing::ElementsAre;
using Intervals = std::vector<std::optional<SystemIntervals>>;

std::vector<ReportSystem> Fixtures() {
  std::vector<ReportSystem> systems = {
      test::FixtureBert("epoch-1", 1, 75, 83.1), test::FixtureBert("epoch-0.3", 0.3, 33.3, 38.9),
      test::FixtureHead("heads-0.3/learned-pooling"), test::FixtureHead("heads-1/learned-pooling")};
  systems[2].layer_weights = {"pooling", {0, 1, 2}, {0.2, 0.5, 0.3}};
  ReadDetails(&systems);
  return systems;
}

std::vector<std::string> Ids(const std::vector<Chart>& charts) {
  std::vector<std::string> ids;
  ids.reserve(charts.size());
  for (const Chart& chart : charts) ids.push_back(chart.id);
  return ids;
}

std::vector<Chart> Charts(const std::vector<ReportSystem>& systems, const Intervals& intervals,
                          std::optional<std::vector<ReportRow>> given = std::nullopt) {
  const std::vector<ReportRow> rows = given ? *given : SingleRows(systems);
  std::vector<const Metrics*> metrics;
  metrics.reserve(rows.size());
  for (const ReportRow& row : rows) metrics.push_back(&row.system.metrics);
  return RunCharts({systems, rows, ScoreColumns(metrics, "eval_"), intervals});
}

TEST(RunCharts, EverythingThatTheRunsKnowIsDrawn) {
  EXPECT_THAT(Ids(Charts(Fixtures(), Intervals(4))),
              ElementsAre("fine-tuning-exact", "fine-tuning-f1", "parameters", "answerable", "layer-weights",
                          "loss-fine-tuning", "loss-heads-1", "loss-heads-2"));
}

TEST(RunCharts, WhatIsNotThereIsNotDrawn) {
  ReportSystem bare;
  bare.kind = SystemKind::kEvaluation;
  bare.metrics = {{"eval_exact", 40}, {"eval_f1", 50}};
  bare.parameters = 10;
  EXPECT_THAT(Ids(Charts({bare}, Intervals(1))), ElementsAre("parameters"));
  EXPECT_TRUE(Charts({}, {}).empty());
}

TEST(RunCharts, HeadsStandWhereTheFineTuningOfTheirBackboneStopped) {
  Intervals intervals(4);
  intervals[2] = SystemIntervals{{"EM", {1, 2}}, {"F1", {3, 4}}};
  const Chart f1 = Charts(Fixtures(), intervals)[1];
  ASSERT_EQ(f1.series.size(), 2u);
  EXPECT_EQ(f1.series[0].name, "fine-tuned BERT");
  EXPECT_TRUE(f1.series[0].reference);
  EXPECT_EQ(f1.series[0].points[0].x, 0.3);  // in order, whatever the order of the systems
  EXPECT_EQ(f1.series[0].points[1].x, 1);
  EXPECT_EQ(f1.series[1].name, "learned-pooling");
  EXPECT_EQ(f1.series[1].points[0].x, 0.3);
  ASSERT_TRUE(f1.series[1].points[0].interval);
  EXPECT_EQ(f1.series[1].points[0].interval->high, 4);
  EXPECT_FALSE(f1.series[1].points[1].interval);
}

TEST(RunCharts, FractionsOfTheDataAreACurveAndItsEndStandsForItElsewhere) {
  const std::vector<ReportSystem> systems = {test::FixtureHead("heads-1/learned-pooling"),
                                             test::FixtureHead("heads-0.3/learned-pooling")};
  std::vector<ReportRow> rows = SingleRows(systems);
  rows[0].curve = rows[1].curve = "one setting";
  rows[1].fraction = 0.5;
  rows[1].members = {1, 0};
  const std::vector<Chart> charts = Charts(systems, Intervals(2), rows);
  const auto named = [&](const std::string& id) {
    return *std::find_if(charts.begin(), charts.end(), [&](const Chart& chart) { return chart.id == id; });
  };
  const Chart curve = named("fraction-f1");
  ASSERT_EQ(curve.series.size(), 1u);
  EXPECT_EQ(curve.series[0].name, "learned-pooling");
  ASSERT_EQ(curve.series[0].points.size(), 2u);
  EXPECT_EQ(curve.series[0].points[0].x, 0.5);
  EXPECT_EQ(curve.series[0].points[0].seeds, 2);
  EXPECT_EQ(curve.series[0].points[1].x, 1);
  EXPECT_EQ(named("parameters").series[0].points.size(), 1u);
}

TEST(RunCharts, PublishedLineIsThereForThePapersSettingOnly) {
  const auto names = [](const Chart& chart) {
    std::vector<std::string> result;
    for (const ChartSeries& series : chart.series) result.push_back(series.name);
    return result;
  };
  ReportSystem bert = test::FixtureBert("epoch-1", 1, 73, 78);
  bert.layers = 25;
  bert.hidden = 1024;
  bert.train_windows = 131754;
  EXPECT_THAT(names(Charts({bert}, Intervals(1))[0]), ElementsAre("fine-tuned BERT"));
  for (const auto& [name, count] : {std::pair("eval_total", 11873), std::pair("eval_HasAns_total", 5928),
                                    std::pair("eval_NoAns_total", 5945)})
    bert.metrics.emplace_back(name, count);
  const Chart chart = Charts({bert}, Intervals(1))[0];
  EXPECT_THAT(names(chart), ElementsAre("fine-tuned BERT", "BERT as published"));
  EXPECT_EQ(chart.series[1].points.size(), 10u);  // no further than ours
}

TEST(LossCharts, LongHistoriesAreAveragedOverEqualStretches) {
  std::vector<ChartPoint> points;
  points.reserve(1000);
  for (int i = 0; i < 1000; ++i) points.push_back({i / 10.0, static_cast<double>(i % 10), std::nullopt, ""});
  const auto short_curve = Averaged(points, 100);
  ASSERT_EQ(short_curve.size(), 100u);
  EXPECT_DOUBLE_EQ(short_curve[0].x, 0.45);
  for (const ChartPoint& point : short_curve) EXPECT_DOUBLE_EQ(point.y, 4.5);
  EXPECT_EQ(Averaged(points, 1000).size(), 1000u);
  EXPECT_TRUE(Averaged({}, 100).empty());
}

TEST(LossCharts, TrainingAndDevOfAHeadShareAKey) {
  const auto charts = LossCharts(Fixtures());
  ASSERT_EQ(charts.size(), 3u);
  ASSERT_EQ(charts[1].series.size(), 2u);
  EXPECT_EQ(charts[1].series[0].name, "learned-pooling, training");
  EXPECT_EQ(charts[1].series[1].name, "learned-pooling, dev");
  EXPECT_EQ(charts[1].series[0].key, "learned-pooling");
  EXPECT_EQ(charts[1].series[1].key, "learned-pooling");
  EXPECT_EQ(charts[1].series[0].marks, SeriesMarks::kLine);
  EXPECT_EQ(charts[1].series[1].marks, SeriesMarks::kLineAndPoints);
  EXPECT_EQ(charts[1].series[0].points.size(), 40u);
  EXPECT_EQ(charts[1].series[1].points.size(), 2u);
}

}  // namespace
}  // namespace bv
