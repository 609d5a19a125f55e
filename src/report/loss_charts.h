// Training and dev losses of runs as charts: one for fine-tuning runs, one for each folder of heads. Pure
// functions.
#pragma once

#include <vector>

#include "report/chart.h"
#include "report/system.h"

namespace bv {

std::vector<Chart> LossCharts(const std::vector<ReportSystem>& systems);

// Points in order of x, averaged over `most` equal stretches of their list where there are more.
std::vector<ChartPoint> Averaged(const std::vector<ChartPoint>& points, size_t most);

}  // namespace bv
