#include "report/score_columns.h"

#include <algorithm>

#include "base/strings.h"

namespace bv {
namespace {

constexpr const char* kPieceExact = "piece_exact";

// Of an evaluation's values: not scores.
bool IsCost(const std::string& name) {
  return name == "loss" || name == "runtime" || name == "samples_per_second";
}

// Whatever prefix the names have.
bool OfSpans(const Metrics& metrics) {
  return std::any_of(metrics.begin(), metrics.end(), [](const auto& entry) {
    return entry.first.ends_with("exact") || entry.first.ends_with("exact_match");
  });
}

bool Has(const Metrics& metrics, const std::string& name) {
  return std::any_of(metrics.begin(), metrics.end(), [&](const auto& entry) { return entry.first == name; });
}

void AddScores(const Metrics& metrics, const std::string& prefix, std::vector<ScoreColumn>* columns) {
  for (const auto& [key, value] : metrics) {
    if (!key.starts_with(prefix) || IsCost(key.substr(prefix.size()))) continue;
    const bool there =
        std::any_of(columns->begin(), columns->end(), [&, &name = key](const ScoreColumn& column) {
          return column.rows == ScoredRows::kTexts &&
                 std::find(column.names.begin(), column.names.end(), name) != column.names.end();
        });
    if (!there) columns->push_back({key.substr(prefix.size()), {key}, 4, ScoredRows::kTexts});
  }
}

}  // namespace

std::vector<ScoreColumn> ScoreColumns(std::span<const Metrics* const> rows, const std::string& prefix) {
  std::vector<ScoreColumn> columns;
  const bool spans = std::any_of(rows.begin(), rows.end(), [&](const Metrics* row) { return OfSpans(*row); });
  if (spans) {
    columns = {{"EM", {prefix + "exact", prefix + "exact_match"}},
               {"F1", {prefix + "f1"}},
               {"HasAns EM", {prefix + "HasAns_exact"}},
               {"HasAns F1", {prefix + "HasAns_f1"}},
               {"NoAns", {prefix + "NoAns_f1"}}};
    if (std::any_of(rows.begin(), rows.end(),
                    [&](const Metrics* row) { return Has(*row, prefix + kPieceExact); })) {
      columns.push_back({"piece EM", {prefix + kPieceExact}});
      columns.push_back({"piece F1", {prefix + "piece_f1"}});
    }
    for (ScoreColumn& column : columns) column.rows = ScoredRows::kSpans;
  }
  for (const Metrics* row : rows) {
    if (!OfSpans(*row)) AddScores(*row, prefix, &columns);
  }
  columns.push_back({"dev loss", {prefix + "loss"}, 3});
  return columns;
}

std::optional<double> ScoreIn(const ScoreColumn& column, const Metrics& metrics) {
  const ScoredRows rows = OfSpans(metrics) ? ScoredRows::kSpans : ScoredRows::kTexts;
  if (column.rows != ScoredRows::kAll && column.rows != rows) return std::nullopt;
  for (const std::string& name : column.names) {
    if (const auto value = FindMetric(metrics, {name.c_str()})) return value;
  }
  return std::nullopt;
}

std::string ScoreLine(const Metrics& metrics) {
  constexpr size_t kScoresShown = 2;
  const Metrics* const row[] = {&metrics};
  const std::vector<ScoreColumn> columns = ScoreColumns(row, "");
  std::string line;
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool of_pieces = columns[i].title.starts_with("piece ");
    if (i >= kScoresShown && !of_pieces && i + 1 < columns.size()) continue;
    if (const auto value = ScoreIn(columns[i], metrics))
      line += Cat("  ", columns[i].title, " ", Fixed(*value, columns[i].decimals));
  }
  return line;
}

void AddHeads(const std::vector<ScoreColumn>& columns, std::vector<Column>* heads) {
  for (const ScoreColumn& column : columns) heads->push_back({column.title, Align::kRight, column.decimals});
}

void AddCells(const std::vector<ScoreColumn>& columns, const Metrics& metrics, std::vector<Cell>* cells) {
  for (const ScoreColumn& column : columns) cells->push_back(CellOf(ScoreIn(column, metrics)));
}

}  // namespace bv
