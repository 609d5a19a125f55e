#include "report/chart.h"

#include <cmath>

#include "base/strings.h"
#include "report/html_text.h"

namespace bv {
namespace {

const char* MarksName(SeriesMarks marks) {
  switch (marks) {
    case SeriesMarks::kLine:
      return "line";
    case SeriesMarks::kPoints:
      return "points";
    case SeriesMarks::kLineAndPoints:
      return "both";
  }
  return "";
}

OrderedJson PointJson(const ChartPoint& point) {
  OrderedJson json = OrderedJson::object();
  json["x"] = point.x;
  json["y"] = point.y;
  if (point.interval) {
    json["low"] = point.interval->low;
    json["high"] = point.interval->high;
  }
  if (!point.label.empty()) json["label"] = point.label;
  if (point.seeds > 1) json["seeds"] = point.seeds;
  return json;
}

// Enough digits for a reader, none for show.
std::string Number(double value) {
  const double size = std::abs(value);
  if (value == std::trunc(value) && size < 1e15) return Thousands(static_cast<int64_t>(value));
  return Fixed(value, size >= 10 ? 2 : size >= 0.1 ? 3 : 5);
}

std::string IntervalText(const ChartPoint& point) {
  if (!point.interval) return "";
  const std::string range = Cat(Number(point.interval->low), "–", Number(point.interval->high));
  return point.seeds > 1 ? Cat(range, " (", point.seeds, " seeds)") : range;
}

std::string PointRow(const Chart& chart, const ChartSeries& series, const ChartPoint& point, bool has_labels,
                     bool has_intervals) {
  const std::string x =
      chart.categories.empty() ? Number(point.x) : chart.categories.at(static_cast<size_t>(point.x));
  std::string row =
      Cat("<tr><td>", HtmlText(series.name), "</td><td>", HtmlText(x), "</td><td>", Number(point.y), "</td>");
  if (has_intervals) row += Cat("<td>", IntervalText(point), "</td>");
  if (has_labels) row += Cat("<td>", HtmlText(point.label), "</td>");
  return row + "</tr>\n";
}

std::string NumbersTable(const Chart& chart) {
  bool labels = false, intervals = false, seeds = false;
  for (const ChartSeries& series : chart.series) {
    for (const ChartPoint& point : series.points) {
      labels = labels || !point.label.empty();
      intervals = intervals || point.interval;
      seeds = seeds || point.seeds > 1;
    }
  }
  std::string html = Cat("<table class=\"numbers\"><thead><tr><th>series</th><th>", HtmlText(chart.x_title),
                         "</th><th>", HtmlText(chart.y_title), "</th>",
                         !intervals ? ""
                         : seeds    ? "<th>95 %, or lowest and highest</th>"
                                    : "<th>95 %</th>",
                         labels ? "<th>what</th>" : "", "</tr></thead><tbody>\n");
  for (const ChartSeries& series : chart.series) {
    for (const ChartPoint& point : series.points) html += PointRow(chart, series, point, labels, intervals);
  }
  return html + "</tbody></table>\n";
}

}  // namespace

OrderedJson ChartJson(const Chart& chart) {
  OrderedJson json = {{"id", chart.id},
                      {"title", chart.title},
                      {"x", chart.x_title},
                      {"y", chart.y_title},
                      {"log_x", chart.log_x},
                      {"categories", chart.categories},
                      {"series", OrderedJson::array()}};
  for (const ChartSeries& series : chart.series) {
    OrderedJson points = OrderedJson::array();
    for (const ChartPoint& point : series.points) points.push_back(PointJson(point));
    json["series"].push_back({{"name", series.name},
                              {"marks", MarksName(series.marks)},
                              {"reference", series.reference},
                              {"dashed", series.dashed},
                              {"key", series.key.empty() ? series.name : series.key},
                              {"points", std::move(points)}});
  }
  return json;
}

std::string ChartFigure(const Chart& chart) {
  const std::string note =
      chart.note.empty() ? "" : Cat("<p class=\"note\">", HtmlText(chart.note), "</p>\n");
  return Cat("<figure id=\"", HtmlText(chart.id), "\" class=\"chart\">\n<figcaption>", HtmlText(chart.title),
             "</figcaption>\n", note, "<div class=\"key\"></div>\n<div class=\"drawing\"></div>\n",
             "<details><summary>Numbers of this chart</summary>\n<div class=\"scroll\" tabindex=\"0\">",
             NumbersTable(chart), "</div></details>\n</figure>\n");
}

}  // namespace bv
