// What a file of questions holds and which windows it gives, for `inspect`: counted once, shown as a
// screenful or as JSON. Pure functions.
#pragma once

#include <string>

#include "base/json.h"
#include "data/squad.h"
#include "features/paper_windows.h"

namespace bv::cli {

struct DataReport {
  std::string file;
  bool has_impossible = false, has_answers = false;
  int64_t examples = 0, contexts = 0;
  WindowOptions options;
  // dropped, dropped_windows and cut_questions count by the study's rule alone.
  PaperWindowStatistics windows;
};

// Of all windows that evaluation would have; by the study's rule the report also says what training leaves
// out.
DataReport MakeDataReport(const Tokenizer& tokenizer, const QaData& data, const WindowOptions& options,
                          int threads);

std::string DataReportText(const DataReport& report);
OrderedJson DataReportJson(const DataReport& report);

}  // namespace bv::cli
