// The tables of the page as HTML: results with intervals, published scores, runs. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/report_rows.h"
#include "report/score_columns.h"
#include "report/system_scores.h"

namespace bv {

// Published scores stand beside a system where they may (PublishedFor); the columns are there only then.
std::string ResultsTable(const std::vector<ReportRow>& rows, const std::vector<ScoreColumn>& columns,
                         const std::vector<std::optional<SystemIntervals>>& intervals);

// Why systems have no interval, each reason once with the systems it is about. Empty if all have one.
std::string MissingIntervals(const std::vector<ReportSystem>& systems,
                             const std::vector<std::string>& why_not);

std::string PublishedTables();
std::string RunsTable(const std::vector<ReportSystem>& systems);

}  // namespace bv
