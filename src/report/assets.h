// The files of src/report/assets/ and the chart library, put into the program by the build (embed.cmake), so
// that an installed program needs nothing beside it.
#pragma once

#include <string_view>

namespace bv::assets {

extern const std::string_view kPage;           // page.html, a template
extern const std::string_view kStyle;          // page.css
extern const std::string_view kChartScript;    // charts.js
extern const std::string_view kTableScript;    // tables.js
extern const std::string_view kBrowser;        // browser.html, a section and template: of answers or of texts
extern const std::string_view kBrowserScript;  // browser.js
extern const std::string_view kAnswerFilters;  // answers.html: the filters of answers
extern const std::string_view kAnswerScript;   // answers.js
extern const std::string_view kTextFilters;    // texts.html: the filters of texts
extern const std::string_view kTextScript;     // texts.js
extern const std::string_view kPublished;      // published.html, a section
extern const std::string_view kChartLibrary;   // Chart.js, minified, of Debian's libjs-chart.js

}  // namespace bv::assets
