#include "metrics/squad_scores.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <limits>

#include "base/error.h"
#include "metrics/answer_text.h"

namespace bv {
namespace {

using testing::HasSubstr;

Json Fixture() {
  return ReadJsonFile(std::filesystem::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/metrics/scores.json");
}

QaData Questions(const Json& questions) {
  QaData data;
  data.file = "d.json";
  data.has_answers = true;
  for (const Json& question : questions) {
    QaExample example;
    example.id = question["id"];
    for (const Json& text : question["answers"]) example.answers.push_back({text, 0});
    example.impossible = example.answers.empty();
    data.has_impossible = data.has_impossible || example.impossible;
    data.examples.push_back(example);
  }
  return data;
}

std::string ErrorOf(const QaData& data, const Predictions& predictions, const NullOdds* odds = nullptr) {
  try {
    ScoreSquad(data, predictions, odds);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    return error.what();
  }
  return "(no error)";
}

TEST(SquadScores, PairsOfAnswersScoreAsPublishedToTheLastDigit) {
  const Json fixture = Fixture();
  EXPECT_GE(fixture["pairs"].size(), 60u);
  for (const Json& pair : fixture["pairs"]) {
    const std::string gold = pair["gold"];
    const std::string prediction = pair["prediction"];
    EXPECT_EQ(NormalizeAnswer(gold), pair["normal"].get<std::string>()) << pair;
    EXPECT_EQ(AnswerExact(gold, prediction), pair["exact"].get<double>()) << pair;
    EXPECT_EQ(AnswerF1(gold, prediction, false), pair["f1_version1"].get<double>()) << pair;
    EXPECT_EQ(AnswerF1(gold, prediction, true), pair["f1_version2"].get<double>()) << pair;
  }
}

TEST(SquadScores, WholeFilesScoreAsPublishedToTheLastDigit) {
  const Json fixture = Fixture();
  EXPECT_GE(fixture["sets"].size(), 15u);
  for (const Json& set : fixture["sets"]) {
    const QaData data = Questions(set["questions"]);
    const auto predictions = set["predictions"].get<Predictions>();
    NullOdds odds;
    if (set["null_odds"].is_array()) odds = set["null_odds"].get<NullOdds>();
    const SquadScores scores =
        ScoreSquad(data, predictions, set["null_odds"].is_array() ? &odds : nullptr, set["threshold"]);
    const OrderedJson found = OfficialJson(scores);
    EXPECT_EQ(found.size(), set["expected"].size()) << set["name"];
    for (const auto& [key, value] : set["expected"].items()) {
      ASSERT_TRUE(found.contains(key)) << set["name"] << " " << key;
      EXPECT_EQ(found[key].get<double>(), value.get<double>()) << set["name"] << " " << key;
    }
    EXPECT_EQ(scores.exact_values.size(), data.examples.size());
    EXPECT_EQ(scores.f1_values.size(), data.examples.size());
  }
}

TEST(SquadScores, VersionIsFoundInTheData) {
  const OrderedJson one =
      OfficialJson(ScoreSquad(Questions(Json::parse(R"([{"id": "x", "answers": ["b"]}])")), {{"x", "b"}}));
  EXPECT_EQ(one.dump(), R"({"exact_match":100.0,"f1":100.0})");
  const QaData two = Questions(Json::parse(R"([{"id": "x", "answers": ["b"]}, {"id": "y", "answers": []}])"));
  const NullOdds odds = {{"x", -1.0}, {"y", 2.0}};
  EXPECT_EQ(
      OfficialJson(ScoreSquad(two, {{"x", "b"}, {"y", "c"}}, &odds)).dump(),
      R"({"exact":100.0,"f1":100.0,"total":2,"HasAns_exact":100.0,"HasAns_f1":100.0,"HasAns_total":1,)"
      R"("NoAns_exact":100.0,"NoAns_f1":100.0,"NoAns_total":1,"best_exact":100.0,"best_exact_thresh":-1.0,)"
      R"("best_f1":100.0,"best_f1_thresh":-1.0})");
}

TEST(SquadScores, TheThresholdIsStrict) {
  const QaData data =
      Questions(Json::parse(R"([{"id": "x", "answers": ["b"]}, {"id": "y", "answers": []}])"));
  const NullOdds odds = {{"x", 0.5}, {"y", 0.5}};
  const Predictions predictions = {{"x", "b"}, {"y", "c"}};
  EXPECT_EQ(ScoreSquad(data, predictions, &odds, 0.5).all.exact, 50);
  EXPECT_EQ(ScoreSquad(data, predictions, &odds, 0.5).no_answer->exact, 0);
  EXPECT_EQ(ScoreSquad(data, predictions, &odds, 0.25).no_answer->exact, 100);
}

TEST(SquadScores, WhatCannotBeScoredIsNamed) {
  QaData data = Questions(Json::parse(R"([{"id": "x", "answers": ["b"]}, {"id": "y", "answers": []}])"));
  EXPECT_THAT(ErrorOf(data, {{"x", "b"}}),
              HasSubstr("1 of 2 questions of d.json have no prediction; first ids: y"));
  const Predictions both = {{"x", "b"}, {"y", ""}, {"stranger", "z"}};
  const NullOdds some = {{"y", 1.0}, {"stranger", 0.0}};
  EXPECT_THAT(ErrorOf(data, both, &some),
              HasSubstr("1 of 2 questions of d.json have no null odds; first ids: x"));
  const NullOdds bad = {{"x", std::numeric_limits<double>::quiet_NaN()}, {"y", 0.0}};
  EXPECT_THAT(ErrorOf(data, both, &bad), HasSubstr("the null odds of question x are not a number"));
  EXPECT_EQ(ErrorOf(data, both), "(no error)");
  data.has_answers = false;
  EXPECT_THAT(ErrorOf(data, both), HasSubstr("d.json: not all its questions have gold answers"));
}

}  // namespace
}  // namespace bv
