// The columns of scores that tables of systems have, the same in every verb and on the page: those of
// SQuAD, or one per score of another task. Pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/table.h"
#include "run/results.h"

namespace bv {

// Spans and texts both have a score "f1", of other meaning and scale.
enum class ScoredRows { kAll, kSpans, kTexts };

struct ScoreColumn {
  std::string title;
  std::vector<std::string> names;  // a row's first of these; SQuAD 1.1 and 2.0 call one thing by two names
  int decimals = 2;
  ScoredRows rows = ScoredRows::kAll;  // the others' cells stay empty
};

// For rows with these metrics; `prefix` ("eval_" or nothing) stands before their names. The dev loss is last.
// Rows of several tasks get the columns of all.
std::vector<ScoreColumn> ScoreColumns(std::span<const Metrics* const> rows, const std::string& prefix);

// The column's score of these metrics; nothing where they are those of other rows, or the score is not
// finite.
std::optional<double> ScoreIn(const ScoreColumn& column, const Metrics& metrics);

// "  EM 40.48  F1 44.17  dev loss 2.249": the first scores and the loss, for a line of a log.
std::string ScoreLine(const Metrics& metrics);

// Their heads and a row's cells, appended.
void AddHeads(const std::vector<ScoreColumn>& columns, std::vector<Column>* heads);
void AddCells(const std::vector<ScoreColumn>& columns, const Metrics& metrics, std::vector<Cell>* cells);

}  // namespace bv
