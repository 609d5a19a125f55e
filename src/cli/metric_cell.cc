#include "cli/metric_cell.h"

namespace bv::cli {

Cell MetricCell(const Metrics& metrics, std::initializer_list<const char*> names) {
  const std::optional<double> value = FindMetric(metrics, names);
  return value ? Cell(*value) : Cell();
}

}  // namespace bv::cli
