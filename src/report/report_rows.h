// The lines of a report: systems one by one, or runs that differ only by their seeds gathered into one line,
// with the mean of every score and the lowest and highest. What makes rows of systems reads their run.json;
// the rest are pure functions.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metrics/bootstrap.h"
#include "report/run_setting.h"
#include "report/score_columns.h"
#include "report/system.h"

namespace bv {

struct ReportRow {
  // Of several runs: what the first says, with means of metrics, seconds and layer weights, and a name that
  // stands for all: "seed-*/epoch-1 (3 seeds)".
  ReportSystem system;
  std::vector<size_t> members;             // into the systems given; one, or several seeds
  std::map<std::string, Interval> spread;  // of several: lowest and highest of every metric
  std::string curve;                       // equal for rows that differ only by fraction; may be empty
  double fraction = 1;                     // of the training windows
  size_t seeds() const { return members.size(); }
};

// One row a system.
std::vector<ReportRow> SingleRows(const std::vector<ReportSystem>& systems);

// Systems of one setting and fraction, with different seeds, share a row, at the place of the first. A seed
// that stands there already begins another row. Errors: those of SettingOf.
std::vector<ReportRow> GatherSeeds(const std::vector<ReportSystem>& systems);

// What names have in common, part by part of a path: {"seed-1/a", "seed-2/a"} gives "seed-*/a". Names with
// other numbers of parts give "first … last".
std::string CommonName(const std::vector<std::string>& names);

// Lowest and highest of a column's score; nothing for a single system.
std::optional<Interval> SpreadIn(const ScoreColumn& column, const ReportRow& row);

// Of each row, whether it is a point of a curve over the fraction of the data, and not its end.
std::vector<bool> InsideOfCurves(const std::vector<ReportRow>& rows);

}  // namespace bv
