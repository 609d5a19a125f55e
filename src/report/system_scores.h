// Systems scored again from their predictions, question by question, for intervals and for the answers that
// the page shows. The scores are those of layer metrics; a system whose scores come out other than its run
// recorded gets no interval. Pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metrics/bootstrap.h"
#include "report/dev_data.h"
#include "report/report_rows.h"
#include "report/score_columns.h"

namespace bv {

// By the titles of ScoreColumns, in the scores' own unit (percent for spans). What the data does not have is
// missing.
using SystemIntervals = std::map<std::string, Interval>;

// Values by question of a group's systems, 0..1.
struct AnswerScores {
  std::vector<std::vector<double>> exact, f1;  // [system of the group][question]
};

struct ScoredSystems {
  std::vector<AnswerScores> groups;                       // one per group of the data
  std::vector<std::optional<SystemIntervals>> intervals;  // one per system
  std::vector<std::string> why_not;                       // one per system; empty where there is an interval
};

// Of rows: of several seeds the lowest and highest scores, else the system's interval.
std::vector<std::optional<SystemIntervals>> RowIntervals(
    const std::vector<ReportRow>& rows, const std::vector<ScoreColumn>& columns,
    const std::vector<std::optional<SystemIntervals>>& systems);

// bootstrap.resamples 0: scores without intervals.
ScoredSystems ScoreSystems(const std::vector<ReportSystem>& systems, const DevData& data,
                           const BootstrapOptions& bootstrap);

}  // namespace bv
