#include "cli/score_report.h"

#include <gmock/gmock.h>

namespace bv::cli {
namespace {

using testing::HasSubstr;

// Four questions, the last two without an answer.
QaData Questions(bool impossible) {
  QaData data;
  data.file = "dev.json";
  data.has_answers = true;
  data.has_impossible = impossible;
  for (int i = 0; i < 4; ++i) {
    QaExample example;
    example.id = std::string(1, static_cast<char>('a' + i));
    example.impossible = impossible && i >= 2;
    if (!example.impossible) example.answers.push_back({"red fox", 0});
    data.examples.push_back(example);
  }
  return data;
}

ScoreReport Report(const QaData& data, int64_t resamples) {
  const Predictions good = {{"a", "red fox"}, {"b", "fox"}, {"c", ""}, {"d", "fox"}};
  const Predictions bad = {{"a", ""}, {"b", ""}, {"c", ""}, {"d", "fox"}};
  const NullOdds odds = {{"a", -3}, {"b", -2}, {"c", -1}, {"d", 0.5}};
  return MakeReport(data, {"good.json", ScoreSquad(data, good, &odds)},
                    ScoredFile{"bad.json", ScoreSquad(data, bad)}, {.resamples = resamples});
}

TEST(ScoreReport, JsonKeepsTheOfficialKeysFirst) {
  const OrderedJson json = ReportJson(Report(Questions(true), 200));
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(
      keys, testing::ElementsAre("exact", "f1", "total", "HasAns_exact", "HasAns_f1", "HasAns_total",
                                 "NoAns_exact", "NoAns_f1", "NoAns_total", "best_exact", "best_exact_thresh",
                                 "best_f1", "best_f1_thresh", "intervals", "compared"));
  EXPECT_EQ(json["exact"], 50.0);
  EXPECT_EQ(json["compared"]["exact"], 25.0);
  EXPECT_EQ(json["compared"]["difference"]["exact"], 25.0);
  EXPECT_EQ(json["intervals"]["resamples"], 200);
  for (const char* key : {"exact", "f1", "HasAns_exact", "HasAns_f1", "NoAns_exact", "NoAns_f1"}) {
    const OrderedJson& interval = json["intervals"][key];
    EXPECT_LE(interval[0], json[key]) << key;
    EXPECT_GE(interval[1], json[key]) << key;
  }
}

TEST(ScoreReport, TheTableShowsGroupsIntervalsAndTheDifference) {
  const QaData data = Questions(true);
  const std::string table = ReportTable(data, Report(data, 200));
  EXPECT_THAT(table, HasSubstr("dev.json: 4 questions, 2 without an answer (SQuAD 2.0)\ngood.json\n"));
  EXPECT_THAT(table, HasSubstr("without answer     50.00"));
  EXPECT_THAT(table, HasSubstr("best exact 75.00 at null threshold -3.0000, best F1 91.67 at -2.0000"));
  EXPECT_THAT(table, HasSubstr("compared with bad.json: exact 25.00"));
  EXPECT_THAT(table, HasSubstr("difference in exact: +25.00 ("));
  EXPECT_THAT(table, HasSubstr("200 resamples, seed 0"));
}

TEST(ScoreReport, ScoresOfPiecesStandUnderTheOfficialOnes) {
  const QaData data = Questions(true);
  ScoreReport report = Report(data, 0);
  PieceScores pieces;
  pieces.all = {25, 37.5, 4};
  pieces.has_answer = {0, 25, 2};
  pieces.no_answer = {50, 50, 2};
  pieces.exact_values = {0, 0, 1, 0};
  pieces.f1_values = {0.5, 0, 1, 0};
  ScoredFile scored = report.scored;
  scored.pieces = pieces;
  report = MakeReport(data, scored, std::nullopt, {.resamples = 100});
  const std::string table = ReportTable(data, report);
  EXPECT_THAT(table, HasSubstr("over WordPieces"));
  EXPECT_THAT(table.substr(table.find("over WordPieces")), HasSubstr("37.50"));
  const OrderedJson json = ReportJson(report);
  EXPECT_EQ(json["exact"], 50.0);
  EXPECT_EQ(json["piece_exact"], 25.0);
  EXPECT_EQ(json["NoAns_piece_f1"], 50.0);
  EXPECT_LE(json["intervals"]["piece_f1"][0], 37.5);
  EXPECT_GE(json["intervals"]["HasAns_piece_f1"][1], 25.0);
}

TEST(ScoreReport, WithoutResamplesThereAreNoIntervals) {
  const QaData data = Questions(true);
  EXPECT_FALSE(ReportJson(Report(data, 0)).contains("intervals"));
  EXPECT_THAT(ReportTable(data, Report(data, 0)), testing::Not(HasSubstr("nterval")));
  EXPECT_THAT(ReportTable(data, Report(data, 0)), HasSubstr("difference in exact: +25.00\n"));
}

TEST(ScoreReport, DataWithAnswersOnlyIsScoredAsVersionOne) {
  const QaData data = Questions(false);
  EXPECT_TRUE(ReportJson(Report(data, 10)).contains("exact_match"));
  EXPECT_THAT(ReportTable(data, Report(data, 10)), HasSubstr("all with an answer (SQuAD 1.1)"));
}

}  // namespace
}  // namespace bv::cli
