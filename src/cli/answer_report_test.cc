#include "cli/answer_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bv::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Case {
  QaData data;
  DecodedAnswer answer;
};

// "é" has two bytes: code points and bytes differ behind it.
Case Sample() {
  Case sample;
  sample.data.contexts = {"né à Paris"};
  sample.data.examples.emplace_back();
  sample.data.examples[0].id = "q";
  sample.answer.text = "Paris";
  sample.answer.range = {7, 12};
  sample.answer.score = 2.5;
  sample.answer.null_score = 1;
  sample.answer.null_odds = -1.5;
  sample.answer.n_best = {{"Paris", 0.75, 1.25, 1.25, 7, 12}, {"", 0.25, 0.5, 0.5, 0, 0}};
  return sample;
}

TEST(AnswerReport, PlacesAreCodePoints) {
  const Case sample = Sample();
  const OrderedJson json = AnswerJson(sample.data, sample.data.examples[0], sample.answer);
  EXPECT_EQ(json["id"], "q");
  EXPECT_EQ(json["answer"], "Paris");
  EXPECT_EQ(json["start"], 5);
  EXPECT_EQ(json["end"], 10);
  EXPECT_EQ(json["null_odds"], -1.5);
  EXPECT_EQ(json["n_best"][0]["start"], 5);
  EXPECT_TRUE(json["n_best"][1]["start"].is_null());
  EXPECT_EQ(json["n_best"][1]["probability"], 0.25);
}

TEST(AnswerReport, TheStudysAnswersHaveNoNullScore) {
  Case sample = Sample();
  sample.answer.has_null = false;
  const OrderedJson json = AnswerJson(sample.data, sample.data.examples[0], sample.answer);
  EXPECT_EQ(json["score"], 2.5);
  EXPECT_FALSE(json.contains("null_score"));
  EXPECT_FALSE(json.contains("null_odds"));
  const std::string text = AnswerText(sample.data, sample.data.examples[0], sample.answer, {}, 5);
  EXPECT_THAT(text, HasSubstr("probability of the start times that of the end"));
  EXPECT_THAT(text, Not(HasSubstr("null")));
}

TEST(AnswerReport, NoAnswerHasNoPlace) {
  Case sample = Sample();
  sample.answer.text = "";
  sample.answer.range = {};
  const OrderedJson json = AnswerJson(sample.data, sample.data.examples[0], sample.answer);
  EXPECT_EQ(json["answer"], "");
  EXPECT_TRUE(json["start"].is_null());
  EXPECT_TRUE(json["end"].is_null());
  const std::string text = AnswerText(sample.data, sample.data.examples[0], sample.answer, {}, 5);
  EXPECT_THAT(text, testing::StartsWith("no answer\n"));
  EXPECT_THAT(text, Not(HasSubstr("of the context")));
}

TEST(AnswerReport, TheTextSaysScoresPlaceAndCandidates) {
  const Case sample = Sample();
  const std::string text = AnswerText(sample.data, sample.data.examples[0], sample.answer, {}, 5);
  EXPECT_THAT(text, testing::StartsWith("Paris\n"));
  EXPECT_THAT(text, HasSubstr("characters  5 to 10 of the context"));
  EXPECT_THAT(text, HasSubstr("null odds   -1.500 (no answer above 0)"));
  EXPECT_THAT(text, HasSubstr("(no answer)"));
  const std::string shorter = AnswerText(sample.data, sample.data.examples[0], sample.answer, {}, 1);
  EXPECT_THAT(shorter, Not(HasSubstr("(no answer)\n")));
}

}  // namespace
}  // namespace bv::cli
