#include "cli/metric_cell.h"

namespace bv::cli {

Cell MetricCell(const Metrics& metrics, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    for (const auto& [key, value] : metrics) {
      if (key == name) return value;
    }
  }
  return {};
}

}  // namespace bv::cli
