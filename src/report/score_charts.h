// The charts that have a system's score on their axis of y, for run_charts.h. Pure functions.
#pragma once

#include "report/chart.h"
#include "report/run_charts.h"

namespace bv {

// Those against fine-tuning and against the fraction of the data are made for the first two scores of the
// columns; the one against parameters for F1 of spans, else for the first.
std::vector<Chart> ScoreCharts(const ChartInput& input);

}  // namespace bv
