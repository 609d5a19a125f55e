// A metric of a run as a cell of a table.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "report/table.h"
#include "run/results.h"

namespace bv {

// The first of the names that the metrics hold (SQuAD 1.1 and 2.0 call the same thing by two names); else
// nothing.
Cell MetricCell(const Metrics& metrics, std::initializer_list<const char*> names);
Cell MetricCell(const Metrics& metrics, const std::vector<std::string>& names);

}  // namespace bv
