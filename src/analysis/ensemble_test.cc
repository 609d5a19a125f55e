#include "analysis/ensemble.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analysis/out_of_sample.h"
#include "analysis/testing.h"
#include "base/error.h"

namespace bv {
namespace {

using test::kNone;

// One window of two pieces.
SpanLogits Two(float a, float b) {
  SpanLogits logits;
  logits.start = {a, b};
  logits.end = {b, a};
  logits.ranges = {{0, 0}, {0, 1}};
  logits.offsets = {0, 2};
  logits.example = {0};
  logits.window = {0};
  logits.context = {1, 2};
  return logits;
}

const SpanLogits kQuarter = Two(0, std::log(3.0F));  // start probabilities 1/4, 3/4
const SpanLogits kFifth = Two(std::log(4.0F), 0);    // 4/5, 1/5

void ExpectStart(const SpanLogits& combined, double first, double second) {
  EXPECT_NEAR(std::exp(combined.start[0]), first, 1e-6);
  EXPECT_NEAR(std::exp(combined.start[1]), second, 1e-6);
  EXPECT_NEAR(std::exp(combined.end[0]), second, 1e-6);
  EXPECT_NEAR(std::exp(combined.end[1]), first, 1e-6);
}

TEST(Ensemble, CombinesProbabilitiesPieceByPiece) {
  ExpectStart(CombineLogits({&kQuarter, &kFifth}, EnsembleMode::kMax), 0.8, 0.75);
  ExpectStart(CombineLogits({&kQuarter, &kFifth}, EnsembleMode::kAdd), 1.05, 0.95);
  const std::vector<double> weights = {0.25, 0.75};
  ExpectStart(CombineLogits({&kQuarter, &kFifth}, EnsembleMode::kWeighted, weights), 0.6625, 0.3375);
  const std::vector<double> first = {1, 0};
  ExpectStart(CombineLogits({&kQuarter, &kFifth}, EnsembleMode::kWeighted, first), 0.25, 0.75);
}

TEST(Ensemble, StartsAndEndsOfEachWindowSumToOneApart) {
  const RunSet set = [] {
    RunSet two = test::MakeSet({{0}, {kNone}});
    test::AddRun(&two, "one", {{3, {5, -2}}, {2, {1}}});
    return two;
  }();
  const SpanLogits combined = CombineLogits({&set.runs[0].logits}, EnsembleMode::kMax);
  for (const auto& [begin, end] : {std::pair{0, 7}, std::pair{7, 14}}) {
    double sum = 0;
    for (int i = begin; i < end; ++i) sum += std::exp(combined.start[static_cast<size_t>(i)]);
    EXPECT_NEAR(sum, 1, 1e-6);
  }
}

TEST(Ensemble, OneRunAloneKeepsItsAnswersAndNullOdds) {
  RunSet set = test::MakeSet({{0}, {kNone}, {2}});
  test::AddRun(&set, "one", {{3, {5, -2}}, {2, {1}}, {7, {1, 2, 6.5}}});
  for (const EnsembleMode mode : {EnsembleMode::kMax, EnsembleMode::kAdd}) {
    const SpanLogits combined = CombineLogits({&set.runs[0].logits, &set.runs[0].logits}, mode);
    const auto answers = DecodeSpans(set.data, combined, set.runs[0].decode, 1);
    for (size_t i = 0; i < answers.size(); ++i) {
      EXPECT_EQ(answers[i].text, set.runs[0].answers[i].text);
      EXPECT_NEAR(answers[i].null_odds, set.runs[0].answers[i].null_odds, 1e-5);
    }
  }
}

TEST(Ensemble, ProbabilitiesTooSmallForANumberDoNoHarm) {
  const SpanLogits sure = Two(1e4F, -1e4F);
  for (const EnsembleMode mode : {EnsembleMode::kMax, EnsembleMode::kAdd}) {
    const SpanLogits combined = CombineLogits({&sure, &sure}, mode);
    EXPECT_TRUE(std::isfinite(combined.start[1]));
    EXPECT_NEAR(combined.start[1] - combined.start[0], -2e4, 1);
  }
}

TEST(Ensemble, MembersAndWeightsThatDoNotFitAreRefused) {
  SpanLogits other = kFifth;
  other.offsets = {0, 1, 2};
  EXPECT_THROW(CombineLogits({}, EnsembleMode::kMax), Error);
  EXPECT_THROW(CombineLogits({&kFifth, &other}, EnsembleMode::kMax), Error);
  const std::vector<double> none = {0, 0}, negative = {2, -1}, one = {1};
  for (const auto& weights : {none, negative, one}) {
    EXPECT_THROW(CombineLogits({&kFifth, &kQuarter}, EnsembleMode::kWeighted, weights), Error);
  }
}

TEST(Ensemble, WeightsAreInTheProportionOfTheScores) {
  const std::vector<double> scores = {30, 10}, zero = {0, 0};
  EXPECT_EQ(WeightsByScore(scores), (std::vector<double>{0.75, 0.25}));
  EXPECT_EQ(WeightsByScore(zero), (std::vector<double>{0.5, 0.5}));
}

TEST(OutOfSample, TheThresholdIsTheBestOneAndEqualOddsStayTogether) {
  const std::vector<double> odds = {1, 2, 2, 3}, silent = {0, 1, 0, 1};
  EXPECT_EQ(FitThreshold(odds, std::vector<double>{1, 0, 1, 0}, silent), 1);
  EXPECT_EQ(FitThreshold(odds, std::vector<double>{1, 1, 1, 0}, silent), 2);
  EXPECT_EQ(FitThreshold(odds, std::vector<double>{0, 0, 0, 0}, silent),
            0);  // always silent: 1 below the lowest
  EXPECT_EQ(FitThreshold(odds, std::vector<double>{1, 1, 1, 2}, silent), 3);
  EXPECT_THROW(FitThreshold({}, {}, {}), Error);
}

TEST(OutOfSample, QuestionsOfOneContextStayTogether) {
  RunSet set = test::MakeSet({{0}, {0}, {0}, {0}, {0}, {0}});
  set.data.examples[1].context = set.data.examples[0].context;
  set.data.examples[5].context = set.data.examples[0].context;
  const std::vector<int> halves = SplitByContext(set.data, 3);
  EXPECT_EQ(halves[0], halves[1]);
  EXPECT_EQ(halves[0], halves[5]);
  EXPECT_EQ(halves, SplitByContext(set.data, 3));
  for (const int half : {0, 1}) EXPECT_GT(std::count(halves.begin(), halves.end(), half), 0);
  bool other = false;
  for (uint64_t seed = 0; seed < 20; ++seed) other = other || SplitByContext(set.data, seed) != halves;
  EXPECT_TRUE(other);
  for (QaExample& example : set.data.examples) example.context = 0;
  EXPECT_THROW(SplitByContext(set.data, 3), Error);
}

// Answers are right, but [CLS] is always somewhat higher: by 4 where there is an answer, by 8 where not.
RunSet Shy() {
  RunSet set = test::MakeSet({{0}, {1}, {kNone}, {kNone}, {0}, {1}, {kNone}, {kNone}});
  std::vector<test::Said> said;
  for (const QaExample& example : set.data.examples) {
    if (example.impossible) {
      said.push_back({5, {1}});
    } else {
      said.push_back(
          {3, example.answers[0].text == "alpha" ? std::vector<float>{1} : std::vector<float>{-9, 1}});
    }
  }
  test::AddRun(&set, "shy", said);
  return set;
}

TEST(OutOfSample, AThresholdFoundOnOneHalfServesTheOther) {
  const RunSet set = Shy();
  EXPECT_EQ(set.runs[0].scores->all.exact, 50);  // at threshold 0 everything is empty
  for (const uint64_t seed : {1U, 2U, 3U}) {
    const auto halves = SplitByContext(set.data, seed);
    // Only a half that has both kinds of questions tells where the threshold is.
    int kinds[2][2] = {};
    for (size_t i = 0; i < halves.size(); ++i) ++kinds[halves[i]][set.data.examples[i].impossible ? 1 : 0];
    if (kinds[0][0] * kinds[0][1] * kinds[1][0] * kinds[1][1] == 0) continue;
    const auto scores = ScoreOutOfSample(set, EnsembleMode::kMax, {}, set.runs[0].decode, seed);
    ASSERT_EQ(scores.size(), 2u);
    EXPECT_EQ(scores[0].name, "shy");
    EXPECT_EQ(scores[0].halves[0].threshold, 4);
    EXPECT_EQ(scores[0].exact, 100);
    EXPECT_EQ(scores[1].name, "ensemble");
    EXPECT_EQ(scores[1].f1, 100);
    EXPECT_EQ(scores[1].halves[0].questions + scores[1].halves[1].questions, 8);
  }
}

TEST(OutOfSample, WeightsComeFromTheOtherHalf) {
  RunSet set = Shy();
  std::vector<test::Said> bad(8, {-9, {-9, -9, 5}});  // always gamma, always wrong
  test::AddRun(&set, "bad", bad);
  const auto scores = ScoreOutOfSample(set, EnsembleMode::kWeighted, {}, set.runs[0].decode, 1);
  ASSERT_EQ(scores.size(), 3u);
  for (const FittedHalf& half : scores[2].halves) {
    ASSERT_EQ(half.weights.size(), 2u);
    EXPECT_GT(half.weights[0], half.weights[1]);
    EXPECT_NEAR(half.weights[0] + half.weights[1], 1, 1e-12);
  }
}

TEST(OutOfSample, WeightsThatAreGivenAreUsedAsTheyAre) {
  RunSet set = Shy();
  test::AddRun(&set, "bad", std::vector<test::Said>(8, {-9, {-9, -9, 5}}));
  const std::vector<double> weights = {0, 3};
  const auto scores = ScoreOutOfSample(set, EnsembleMode::kWeighted, weights, set.runs[0].decode, 1);
  EXPECT_EQ(scores[2].halves[0].weights, weights);
  EXPECT_EQ(scores[2].f1, scores[1].f1);
}

TEST(OutOfSample, WithoutUnanswerableQuestionsEverythingIsAnswered) {
  RunSet set = test::MakeSet({{0}, {1}, {2}, {3}});
  test::AddRun(&set, "one", {{9, {5}}, {9, {-9, 5}}, {9, {5}}, {9, {5}}});
  const auto scores = ScoreOutOfSample(set, EnsembleMode::kMax, {}, set.runs[0].decode, 1);
  EXPECT_EQ(scores[0].exact, 50);
  EXPECT_EQ(scores[1].exact, 50);
}

}  // namespace
}  // namespace bv
