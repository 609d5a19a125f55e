#include "report/metric_cell.h"

namespace bv {

Cell MetricCell(const Metrics& metrics, std::initializer_list<const char*> names) {
  return MetricCell(metrics, std::vector<std::string>(names.begin(), names.end()));
}

Cell MetricCell(const Metrics& metrics, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (const auto value = FindMetric(metrics, {name.c_str()})) return *value;
  }
  return {};
}

}  // namespace bv
