// Systems of texts scored again from their predictions, for intervals, charts and tables of classes: the
// counterpart of system_scores.h. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "metrics/bootstrap.h"
#include "metrics/confusion_matrix.h"
#include "report/chart.h"
#include "report/system_scores.h"
#include "report/text_data.h"

namespace bv {

struct ScoredTexts {
  std::vector<std::optional<SystemIntervals>> intervals;  // one per system
  std::vector<std::string> why_not;                       // one per system; empty where there is an interval
};

// Intervals of every score of the task over rows; a system whose scores come out other than its run recorded
// gets none. bootstrap.resamples 0: none.
ScoredTexts ScoreTexts(const std::vector<ReportSystem>& systems, const TextDevData& data,
                       const BootstrapOptions& bootstrap);

inline constexpr size_t kChartedSystems = 6;
// F1 of every class, of the systems with the best first scores, at most kChartedSystems; empty for
// regressions.
std::vector<Chart> ClassCharts(const std::vector<ReportSystem>& systems, const TextDevData& data);

// Of every system, what rows of each label were predicted as, as HTML; empty for regressions.
std::string ConfusionTables(const std::vector<ReportSystem>& systems, const TextDevData& data);

}  // namespace bv
