// The questions that the page's answers browser shows, as JSON: question, context, gold answers and what
// every system answered. Pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include "base/json.h"
#include "report/dev_data.h"
#include "report/system_scores.h"

namespace bv {

struct BrowserOptions {
  int64_t questions = 500;           // at most; 0: none
  int64_t bytes = int64_t{2} << 20;  // of JSON, about, at most
};

struct AnswerBrowser {
  OrderedJson json;  // {systems, contexts, questions}
  int64_t shown = 0, total = 0;
};

// The questions are drawn by a hash of their ids, the same ones whichever systems are reported, and stand in
// the order of the data. Places in contexts are given in UTF-16 units, which are JavaScript's.
AnswerBrowser MakeAnswerBrowser(const std::vector<ReportSystem>& systems, const DevData& data,
                                const std::vector<AnswerScores>& scores, const BrowserOptions& options);

}  // namespace bv
