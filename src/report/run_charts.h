// Which charts a report has, from its rows: scores against fine-tuning, against the fraction of the data and
// against parameters, questions with and without an answer, losses, layer weights. Charts without anything to
// show are left out. Pure functions.
#pragma once

#include <vector>

#include "report/chart.h"
#include "report/report_rows.h"
#include "report/score_columns.h"
#include "report/system_scores.h"

namespace bv {

// Points of a loss curve at most; longer histories are averaged over equal stretches.
inline constexpr size_t kCurvePoints = 100;

// What is drawn: rows with their scores. Losses are those of single systems.
struct ChartInput {
  const std::vector<ReportSystem>& systems;
  const std::vector<ReportRow>& rows;
  const std::vector<ScoreColumn>& columns;
  const std::vector<std::optional<SystemIntervals>>& intervals;  // one per row
};

std::vector<Chart> RunCharts(const ChartInput& input);

}  // namespace bv
