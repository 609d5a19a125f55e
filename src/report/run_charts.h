// Which charts a report has, from its systems: scores against fine-tuning and against parameters, questions
// with and without an answer, losses, layer weights. Charts without anything to show are left out. Pure
// functions.
#pragma once

#include <vector>

#include "report/chart.h"
#include "report/system.h"
#include "report/system_scores.h"

namespace bv {

// Points of a loss curve at most; longer histories are averaged over equal stretches.
inline constexpr size_t kCurvePoints = 100;

std::vector<Chart> RunCharts(const std::vector<ReportSystem>& systems,
                             const std::vector<std::optional<SystemIntervals>>& intervals);

}  // namespace bv
