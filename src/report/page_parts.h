// The parts of the page that differ between systems of spans and systems of texts: intervals, charts of
// answer kinds or classes, the browser, published numbers. For html_page.h alone. Reads predictions and dev
// data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "report/chart.h"
#include "report/html_page.h"
#include "report/system_scores.h"

namespace bv {

struct PageParts {
  std::vector<std::string> files;                         // what was scored: "12 questions of dev.json"
  std::vector<std::optional<SystemIntervals>> intervals;  // one per system
  std::vector<std::string> why_not;                       // one per system
  const char* unit = "questions";                         // what intervals are over
  const char* compare = "";                               // the command that compares two systems
  std::vector<Chart> charts;                              // beside those of RunCharts
  // HTML: the places in the page that there are links to, and sections, which may be empty.
  std::string links, classes, browser, published;
  std::string_view script;     // of the browser, after browser.js
  const char* data_name = "";  // what the script finds its data under
  OrderedJson data;
};

// Details of the systems have been read. Errors: kUsage where systems are of several tasks; those of
// FindDevData and FindTextData.
PageParts MakePageParts(const std::vector<ReportSystem>& systems, const PageOptions& options);

// "1,234 questions".
std::string CountOf(int64_t n, const char* one, const char* many);

}  // namespace bv
