#include "run/predictions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "base/json.h"
#include "base/testing.h"

namespace bv {
namespace {

using testing::HasSubstr;

QaData TwoQuestions() {
  QaData data;
  data.file = "dev.json";
  data.contexts = {"Straße in Köln"};
  for (const char* id : {"z", "a\"b"}) {
    QaExample example;
    example.id = id;
    data.examples.push_back(example);
  }
  data.has_impossible = true;
  return data;
}

std::vector<DecodedAnswer> TwoAnswers() {
  std::vector<DecodedAnswer> answers(2);
  answers[0].text = "Straße";
  answers[0].null_odds = -2.5;
  answers[0].n_best = {{"Straße", 0.75, 3, 2.125, 0, 7}, {"", 0.25, 1, 1.625, 0, 0}};
  answers[1].null_odds = 0.1;
  return answers;
}

std::string ErrorOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    return error.what();
  }
  return "no error";
}

TEST(Predictions, AreWrittenAsHuggingFaceDoes) {
  const test::ScratchFolder scratch;
  WritePredictions(scratch.path(), TwoQuestions(), TwoAnswers());
  EXPECT_EQ(ReadFile(scratch / "predictions.json"), "{\n  \"z\": \"Straße\",\n  \"a\\\"b\": \"\"\n}\n");
  EXPECT_EQ(ReadJsonFile(scratch / "null_odds.json"), Json::parse(R"({"z": -2.5, "a\"b": 0.1})"));
  EXPECT_EQ(ReadJsonFile(scratch / "nbest_predictions.json"), Json::parse(R"({
    "z": [{"text": "Straße", "probability": 0.75, "start_logit": 3.0, "end_logit": 2.125},
          {"text": "", "probability": 0.25, "start_logit": 1.0, "end_logit": 1.625}],
    "a\"b": []})"));
}

TEST(Predictions, OfTheStudysDecoderHaveNoNullOdds) {
  const test::ScratchFolder scratch;
  std::vector<DecodedAnswer> answers = TwoAnswers();
  for (DecodedAnswer& answer : answers) answer.has_null = false;
  WritePredictions(scratch.path(), TwoQuestions(), answers, true);
  EXPECT_TRUE(fs::exists(scratch / "predictions.json"));
  EXPECT_FALSE(fs::exists(scratch / "null_odds.json"));
}

TEST(Predictions, HaveNullOddsOnlyWhereTheyMeanSomething) {
  const test::ScratchFolder scratch;
  QaData data = TwoQuestions();
  data.has_impossible = false;
  WritePredictions(scratch.path(), data, TwoAnswers());
  EXPECT_FALSE(fs::exists(scratch / "null_odds.json"));
  WritePredictions(scratch.path(), data, TwoAnswers(), true);
  EXPECT_TRUE(fs::exists(scratch / "null_odds.json"));
}

TEST(Predictions, ReadBackWhatWasWritten) {
  const test::ScratchFolder scratch;
  const QaData data = TwoQuestions();
  WritePredictions(scratch.path(), data, TwoAnswers());
  const Predictions predictions = ReadPredictions(scratch / "predictions.json", data);
  EXPECT_THAT(predictions,
              testing::UnorderedElementsAre(testing::Pair("z", "Straße"), testing::Pair("a\"b", "")));
  EXPECT_THAT(ReadNullOdds(scratch / "null_odds.json", data),
              testing::ElementsAre(testing::Pair("z", -2.5), testing::Pair("a\"b", 0.1)));
  const NBest n_best = ReadNBest(scratch / "nbest_predictions.json", data);
  ASSERT_EQ(n_best.at("z").size(), 2u);
  EXPECT_EQ(n_best.at("z")[0].text, "Straße");
  EXPECT_EQ(n_best.at("z")[0].end_logit, 2.125);
  EXPECT_TRUE(n_best.at("a\"b").empty());
}

TEST(Predictions, AnIdMayHoldAnyCharacter) {
  const test::ScratchFolder scratch;
  QaData data = TwoQuestions();
  data.examples[0].id = std::string("q\0one", 5);
  data.examples[1].id = std::string("q\0two", 5);
  WritePredictions(scratch.path(), data, TwoAnswers());
  EXPECT_EQ(ReadPredictions(scratch / "predictions.json", data).at(data.examples[0].id), "Straße");
  EXPECT_EQ(ReadNullOdds(scratch / "null_odds.json", data)[1],
            (std::pair<std::string, double>(data.examples[1].id, 0.1)));
  EXPECT_EQ(ReadNBest(scratch / "nbest_predictions.json", data).at(data.examples[0].id).size(), 2u);
  WriteFileAtomically(scratch / "p.json", R"({"q\u0000one": 1, "q\u0000two": ""})");
  EXPECT_THAT(ErrorOf([&] { ReadPredictions(scratch / "p.json", data); }),
              HasSubstr("'q\\x00one' is number, a string is needed"));
}

TEST(Predictions, ReadingNamesFileAndQuestion) {
  const test::ScratchFolder scratch;
  const QaData data = TwoQuestions();
  const fs::path file = scratch / "p.json";
  const auto error_for = [&](const char* content) {
    WriteFileAtomically(file, content);
    return ErrorOf([&] { ReadPredictions(file, data); });
  };
  EXPECT_THAT(error_for("[1]"), HasSubstr("p.json: the top level is array"));
  EXPECT_THAT(error_for(R"({"z": 1, "a\"b": ""})"), HasSubstr("'z' is number, a string is needed"));
  EXPECT_THAT(error_for(R"({"z": ""})"), HasSubstr("1 of the 2 questions of dev.json are missing: 'a\"b'"));
  EXPECT_THAT(error_for(R"({"other": ""})"), HasSubstr("probably belongs to other data"));
  EXPECT_THAT(error_for(R"({"z": "", "z": "x", "a\"b": ""})"), HasSubstr("'z' stands in it twice"));
  EXPECT_THAT(error_for(R"({"z": "", "a\"b)"), HasSubstr("cut off"));
  EXPECT_EQ(error_for("\xEF\xBB\xBF{\"z\": \"\", \"a\\\"b\": \"\", \"unknown\": \"\"}"), "no error");

  WriteFileAtomically(file, R"({"z": 1.5, "a\"b": "high"})");
  EXPECT_THAT(ErrorOf([&] { ReadNullOdds(file, data); }), HasSubstr("'a\"b' is string, a number is needed"));
  WriteFileAtomically(
      file, R"({"z": [], "a\"b": [{"text": "x", "probability": 2, "start_logit": 0, "end_logit": 0}]})");
  EXPECT_THAT(ErrorOf([&] { ReadNBest(file, data); }), HasSubstr("[0].probability' is 2"));
  WriteFileAtomically(file, R"({"z": [{"text": 3}], "a\"b": []})");
  EXPECT_THAT(ErrorOf([&] { ReadNBest(file, data); }), HasSubstr("'z[0].text' is number"));
}

}  // namespace
}  // namespace bv
