// The rows that the page's browser of texts shows, as JSON: texts, gold label or value, and what every system
// said. The counterpart of answer_browser.h. Pure functions.
#pragma once

#include "report/answer_browser.h"
#include "report/text_data.h"

namespace bv {

// {systems, labels, rows}; labels are empty for regressions. The rows of DrawPlaces.
AnswerBrowser MakeTextBrowser(const std::vector<ReportSystem>& systems, const TextDevData& data,
                              const BrowserOptions& options);

}  // namespace bv
