// The questions that the page's answers browser shows, as JSON: question, context, gold answers and what
// every system answered. Pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include "base/json.h"
#include "report/browser_places.h"
#include "report/dev_data.h"
#include "report/system_scores.h"

namespace bv {

struct AnswerBrowser {
  OrderedJson json;  // {systems, contexts, questions}
  int64_t shown = 0, total = 0;
};

// The questions of DrawPlaces. Places in contexts are given in UTF-16 units, which are JavaScript's.
AnswerBrowser MakeAnswerBrowser(const std::vector<ReportSystem>& systems, const DevData& data,
                                const std::vector<AnswerScores>& scores, const BrowserOptions& options);

}  // namespace bv
