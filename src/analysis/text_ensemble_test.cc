#include "analysis/text_ensemble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/out_of_sample.h"
#include "analysis/text_testing.h"
#include "base/error.h"
#include "metrics/task_scores.h"

namespace bv {
namespace {

using testing::ElementsAre;

// Logits of two windows with these probabilities.
TextLogits Of(const std::vector<std::vector<double>>& shares) {
  TextLogits logits;
  logits.outputs = static_cast<int64_t>(shares[0].size());
  for (size_t i = 0; i < shares.size(); ++i) {
    for (const double share : shares[i]) logits.logits.push_back(static_cast<float>(std::log(share) + 3));
    logits.example.push_back(static_cast<int32_t>(i));
  }
  return logits;
}

std::vector<double> Shares(const TextLogits& logits, int64_t window) {
  std::vector<double> shares;
  for (const float logit : logits.Row(window)) shares.push_back(std::exp(static_cast<double>(logit)));
  return shares;
}

TEST(CombineTexts, TakesTheLargestTheSumOrTheWeightedSumOfProbabilities) {
  const TextLogits a = Of({{0.6, 0.3, 0.1}}), b = Of({{0.1, 0.7, 0.2}});
  const std::vector<double> weights = {3, 1};
  const auto near = [](double value) { return testing::DoubleNear(value, 1e-6); };
  EXPECT_THAT(Shares(CombineTexts({&a, &b}, false, EnsembleMode::kMax), 0),
              ElementsAre(near(0.6), near(0.7), near(0.2)));
  EXPECT_THAT(Shares(CombineTexts({&a, &b}, false, EnsembleMode::kAdd), 0),
              ElementsAre(near(0.7), near(1.0), near(0.3)));
  EXPECT_THAT(Shares(CombineTexts({&a, &b}, false, EnsembleMode::kWeighted, weights), 0),
              ElementsAre(near(1.9), near(1.6), near(0.5)));
}

TEST(CombineTexts, AnEnsembleOfOneDecidesAndBelievesAsItsMember) {
  const TextLogits a = {2, {4, -2, 0, 300}, {0, 1}};
  for (const EnsembleMode mode : {EnsembleMode::kMax, EnsembleMode::kAdd}) {
    const TextLogits same = CombineTexts({&a}, false, mode);
    for (const int64_t window : {0, 1}) {
      EXPECT_NEAR(SoftmaxOf(same.Row(window))[0], SoftmaxOf(a.Row(window))[0], 1e-7);
    }
    EXPECT_TRUE(std::isfinite(same.logits[2]));
  }
}

TEST(CombineTexts, ValuesAreAveragedAndHaveNoLargest) {
  const TextLogits a = {1, {1, 2}, {0, 1}}, b = {1, {3, 5}, {0, 1}};
  EXPECT_THAT(CombineTexts({&a, &b}, true, EnsembleMode::kAdd).logits, ElementsAre(2, 3.5));
  const std::vector<double> weights = {1, 3};
  EXPECT_THAT(CombineTexts({&a, &b}, true, EnsembleMode::kWeighted, weights).logits, ElementsAre(2.5, 4.25));
  EXPECT_THROW(CombineTexts({&a, &b}, true, EnsembleMode::kMax), Error);
}

TEST(CombineTexts, WhatDoesNotFitIsRefused) {
  const TextLogits a = {1, {1, 2}, {0, 1}}, b = {1, {3}, {0}};
  EXPECT_THROW(CombineTexts({&a, &b}, true, EnsembleMode::kAdd), Error);
  EXPECT_THROW(CombineTexts({&a, &a}, true, EnsembleMode::kWeighted), Error);
  EXPECT_THROW(CombineTexts({}, true, EnsembleMode::kAdd), Error);
}

TEST(WeightsOfRuns, AScoreThatIsNegativeOrUndefinedWeighsNothing) {
  const auto near = [](double value) { return testing::DoubleNear(value, 1e-12); };
  EXPECT_THAT(WeightsOfRuns({0.6, 0.2, -0.5, std::nan("")}), ElementsAre(near(0.75), near(0.25), 0, 0));
  EXPECT_THAT(WeightsOfRuns({-1, -1}), ElementsAre(0.5, 0.5));
}

TEST(SplitByGroup, GroupsStayWholeAndHalvesAreEqual) {
  const std::vector<int32_t> groups = {0, 0, 1, 2, 2, 2, 3};
  const std::vector<int> half = SplitByGroup(groups, 1, "dev.json");
  EXPECT_EQ(half[0], half[1]);
  EXPECT_EQ(half[3], half[5]);
  EXPECT_EQ(half[0] + half[2] + half[3] + half[6], 2);
  EXPECT_THROW(SplitByGroup({4, 4}, 1, "dev.json"), Error);
}

TEST(ScoreTextsOutOfSample, EachHalfIsPredictedWithTheWeightsOfTheOther) {
  TextRunSet set = test::MakeTextSet({"no", "yes"}, {0, 1, 0, 1, 0, 1, 0, 1});
  test::AddTextRun(&set, "right", {{2, 0}, {0, 2}, {2, 0}, {0, 2}, {2, 0}, {0, 2}, {2, 0}, {0, 2}});
  test::AddTextRun(&set, "wrong", {{0, 5}, {5, 0}, {0, 5}, {5, 0}, {0, 5}, {5, 0}, {0, 5}, {5, 0}});
  const TextsOutOfSample scores = ScoreTextsOutOfSample(set, 3);
  EXPECT_THAT(scores.weights[0], ElementsAre(1, 0));
  EXPECT_THAT(scores.weights[1], ElementsAre(1, 0));
  EXPECT_EQ(scores.scores[0].first, "accuracy");
  EXPECT_EQ(scores.scores[0].second, 1);
}

}  // namespace
}  // namespace bv
