// What an analysis hands back: a table for people and the same as JSON for machines. A plain value.
#pragma once

#include <string>

#include "base/json.h"
#include "report/table.h"

namespace bv {

struct Finding {
  std::string name;   // as it is asked for: "second-best"
  std::string title;  // one line above the table, saying what the columns count
  Table table;
  OrderedJson json;
};

}  // namespace bv
