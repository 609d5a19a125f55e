// A chart as data: what the page's script draws and what the table under it says. How it looks is decided by
// the page's assets. Plain values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "metrics/bootstrap.h"

namespace bv {

struct ChartPoint {
  double x = 0, y = 0;
  std::optional<Interval> interval = {};  // of y: 95 %, or lowest and highest of several seeds
  std::string label = {};                 // what the point is; may be empty
  int64_t seeds = 1;                      // that y is the mean of
};

enum class SeriesMarks { kLine, kPoints, kLineAndPoints };

struct ChartSeries {
  std::string name = {};
  SeriesMarks marks = SeriesMarks::kLine;
  bool reference = false;  // drawn in the colour of text: what the others are compared with
  bool dashed = false;
  std::string key = {};  // shared by series that look alike and are hidden together; empty: the name
  std::vector<ChartPoint> points = {};
};

// Numeric axes; or, with categories, horizontal bars: x of a point is the index of its category.
struct Chart {
  std::string id;  // of the HTML element
  std::string title;
  std::string note = {};
  std::string x_title, y_title;
  bool log_x = false;
  std::vector<std::string> categories = {};
  std::vector<ChartSeries> series = {};
};

OrderedJson ChartJson(const Chart& chart);
// A figure: caption, the place for the drawing, and the table of its numbers (folded).
std::string ChartFigure(const Chart& chart);

}  // namespace bv
