#include "report/score_columns.h"

#include <gtest/gtest.h>

namespace bv {
namespace {

std::vector<Cell> CellsOf(const std::vector<ScoreColumn>& columns, const Metrics& metrics) {
  std::vector<Cell> cells;
  AddCells(columns, metrics, &cells);
  return cells;
}

TEST(ScoreColumns, AnF1OfTextsDoesNotStandUnderTheF1OfSpans) {
  const Metrics spans = {{"eval_exact", 40.0}, {"eval_f1", 44.0}, {"eval_loss", 2.5}};
  const Metrics texts = {{"eval_accuracy", 0.8}, {"eval_f1", 0.75}, {"eval_loss", 0.5}};
  const Metrics* const rows[] = {&spans, &texts};
  const std::vector<ScoreColumn> columns = ScoreColumns(rows, "eval_");
  std::vector<std::string> titles;
  titles.reserve(columns.size());
  for (const ScoreColumn& column : columns) titles.push_back(column.title);
  const std::vector<std::string> expected = {"EM",    "F1",       "HasAns EM", "HasAns F1",
                                             "NoAns", "accuracy", "f1",        "dev loss"};
  EXPECT_EQ(titles, expected);
  const std::vector<Cell> of_spans = {40.0, 44.0, {}, {}, {}, {}, {}, 2.5};
  const std::vector<Cell> of_texts = {{}, {}, {}, {}, {}, 0.8, 0.75, 0.5};
  EXPECT_EQ(CellsOf(columns, spans), of_spans);
  EXPECT_EQ(CellsOf(columns, texts), of_texts);
}

TEST(ScoreColumns, ScoresOfPiecesStandBesideOfficialOnesWhereARowHasThem) {
  const Metrics paper = {
      {"exact", 40.0}, {"f1", 44.0}, {"piece_exact", 39.0}, {"piece_f1", 45.5}, {"loss", 2.5}};
  const Metrics hf = {{"exact", 41.0}, {"f1", 46.0}, {"loss", 2.25}};
  const Metrics* const rows[] = {&hf, &paper};
  const std::vector<ScoreColumn> columns = ScoreColumns(rows, "");
  ASSERT_EQ(columns.size(), 8u);
  EXPECT_EQ(columns[5].title, "piece EM");
  const std::vector<Cell> of_paper = {40.0, 44.0, {}, {}, {}, 39.0, 45.5, 2.5};
  const std::vector<Cell> of_hf = {41.0, 46.0, {}, {}, {}, {}, {}, 2.25};
  EXPECT_EQ(CellsOf(columns, paper), of_paper);
  EXPECT_EQ(CellsOf(columns, hf), of_hf);
  EXPECT_EQ(ScoreLine(paper), "  EM 40.00  F1 44.00  piece EM 39.00  piece F1 45.50  dev loss 2.500");
}

TEST(ScoreColumns, ALineOfALogHasTheFirstScoresAndTheLoss) {
  EXPECT_EQ(ScoreLine({{"exact", 40.476}, {"f1", 44.171}, {"total", 168.0}, {"loss", 2.2491}}),
            "  EM 40.48  F1 44.17  dev loss 2.249");
}

}  // namespace
}  // namespace bv
