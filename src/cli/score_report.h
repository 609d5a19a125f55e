// The scores of a predictions file as a table for people and as JSON with the official keys for machines,
// with bootstrap intervals beside them and, if asked, the paired difference to other predictions. It computes
// no score itself (layer metrics). Pure functions.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "data/squad.h"
#include "metrics/bootstrap.h"
#include "metrics/piece_scores.h"
#include "metrics/squad_scores.h"

namespace bv::cli {

// What was scored, and how it is named in the report.
struct ScoredFile {
  std::string name;
  SquadScores scores;
  std::optional<PieceScores> pieces = {};  // the study's own beside the official ones
};

// Groups of questions with their intervals, in percent.
struct ScoreIntervals {
  struct Pair {
    Interval exact, f1;
  };
  Pair all;
  std::optional<Pair> has_answer, no_answer;
};

// Of the scored minus the other predictions on the same questions, in percent.
struct ScoreDifference {
  double exact = 0, f1 = 0;
  std::optional<ScoreIntervals::Pair> intervals;
};

// Everything that eval says about one predictions file.
struct ScoreReport {
  ScoredFile scored;
  std::optional<ScoreIntervals> intervals;
  std::optional<ScoredFile> other;
  std::optional<ScoreDifference> difference;
  BootstrapOptions bootstrap;
  std::optional<ScoreIntervals> piece_intervals = {};
};

// With bootstrap.resamples 0 there are no intervals.
ScoreReport MakeReport(const QaData& data, ScoredFile scored, std::optional<ScoredFile> other,
                       const BootstrapOptions& bootstrap);

std::string ReportTable(const QaData& data, const ScoreReport& report);
// The official keys at the top, those of PieceMetrics behind them; then "intervals" and "compared".
OrderedJson ReportJson(const ScoreReport& report);

}  // namespace bv::cli
