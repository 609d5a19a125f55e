// What a file of questions holds and which windows it gives, for `inspect`: counted once, shown as a
// screenful or as JSON. Pure functions.
#pragma once

#include <string>

#include "base/json.h"
#include "data/squad.h"
#include "features/windows.h"

namespace bv::cli {

struct DataReport {
  std::string file;
  bool has_impossible = false, has_answers = false;
  int64_t examples = 0, contexts = 0;
  WindowOptions options;
  WindowStatistics windows;
};

DataReport MakeDataReport(const Tokenizer& tokenizer, const QaData& data, const WindowOptions& options,
                          int threads);

std::string DataReportText(const DataReport& report);
OrderedJson DataReportJson(const DataReport& report);

}  // namespace bv::cli
