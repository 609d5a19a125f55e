// Where models and data sets live: THE place of every public address. Plain values.
#pragma once

#include <string>
#include <vector>

#include "fetch/catalog.h"

namespace bv::fetch {

// The default hub.
extern const char* const kHub;
// Well-known BERTs, for "nearest" in errors.
const std::vector<std::string>& KnownModels();
// SQuAD 1.1 and 2.0, and GLUE's nine tasks.
const std::vector<DataSet>& KnownDataSets();
// The names of GLUE's nine.
const std::vector<std::string>& GlueTasks();

}  // namespace bv::fetch
