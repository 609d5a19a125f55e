#include "report/chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bv {
namespace {

using testing::HasSubstr;
using testing::Not;

Chart Sample() {
  Chart chart = {
      .id = "f1", .title = "F1 & <all>", .x_title = "parameters", .y_title = "F1, %", .log_x = true};
  chart.series.push_back({.name = "<b>heads", .marks = SeriesMarks::kPoints});
  chart.series[0].points = {{1538, 52.75, Interval{50.5, 54.25}, "runs/<i>"},
                            {770, 0.00123, std::nullopt, ""}};
  return chart;
}

TEST(Chart, JsonHoldsIntervalsWhereThereAreSome) {
  const OrderedJson json = ChartJson(Sample());
  EXPECT_EQ(json["log_x"], true);
  EXPECT_EQ(json["series"][0]["marks"], "points");
  EXPECT_EQ(
      json["series"][0]["points"][0],
      OrderedJson::parse(R"({"x": 1538.0, "y": 52.75, "low": 50.5, "high": 54.25, "label": "runs/<i>"})"));
  EXPECT_EQ(json["series"][0]["points"][1], OrderedJson::parse(R"({"x": 770.0, "y": 0.00123})"));
}

TEST(Chart, FigureHasATableWithEveryNumberAndEscapesNames) {
  const std::string html = ChartFigure(Sample());
  EXPECT_THAT(html, HasSubstr("<figcaption>F1 &amp; &lt;all&gt;</figcaption>"));
  EXPECT_THAT(html, HasSubstr("<td>&lt;b&gt;heads</td><td>1,538</td><td>52.75</td><td>50.50–54.25</td>"
                              "<td>runs/&lt;i&gt;</td>"));
  EXPECT_THAT(html, HasSubstr("<td>770</td><td>0.00123</td><td></td><td></td>"));
  EXPECT_THAT(html, Not(HasSubstr("<b>")));
}

TEST(Chart, TableOfBarsNamesTheCategories) {
  Chart chart = Sample();
  chart.categories = {"first", "second"};
  chart.series[0].points = {{1, 7, std::nullopt, ""}};
  EXPECT_THAT(ChartFigure(chart), HasSubstr("<td>second</td><td>7</td></tr>"));
}

}  // namespace
}  // namespace bv
