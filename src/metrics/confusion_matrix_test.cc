#include "metrics/confusion_matrix.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "metrics/testing.h"

namespace bv {
namespace {

ConfusionMatrix Filled(const Json& set) {
  ConfusionMatrix matrix(set["classes"]);
  for (size_t i = 0; i < set["gold"].size(); ++i) matrix.Add(set["gold"][i], set["predicted"][i]);
  return matrix;
}

TEST(ConfusionMatrix, ScoresAreThoseOfScikitLearn) {
  const Json cases = test::ClassificationCases("confusion");
  EXPECT_GE(cases.size(), 10U);
  for (const Json& set : cases) {
    const std::string name = set["name"];
    const ConfusionMatrix matrix = Filled(set);
    EXPECT_EQ(matrix.total(), static_cast<int64_t>(set["gold"].size()));
    test::ExpectScore(matrix.Accuracy(), set["accuracy"], name + ": accuracy");
    test::ExpectScore(matrix.MacroF1(), set["macro_f1"], name + ": macro F1");
    test::ExpectScore(matrix.Matthews(), set["matthews"], name + ": Matthews");
    for (int32_t c = 0; c < matrix.classes(); ++c) {
      const ClassScores scores = matrix.Of(c);
      const auto i = static_cast<size_t>(c);
      test::ExpectScore(scores.precision, set["precision"][i], name + ": precision");
      test::ExpectScore(scores.recall, set["recall"][i], name + ": recall");
      test::ExpectScore(scores.f1, set["f1"][i], name + ": F1");
      EXPECT_EQ(scores.support, set["support"][i].get<int64_t>()) << name;
    }
  }
}

TEST(ConfusionMatrix, NothingHasNoScores) {
  const ConfusionMatrix matrix(2);
  EXPECT_TRUE(std::isnan(matrix.Accuracy()));
  EXPECT_TRUE(std::isnan(matrix.MacroF1()));
  EXPECT_TRUE(std::isnan(matrix.Matthews()));
  EXPECT_TRUE(std::isnan(matrix.Of(1).f1));
}

TEST(ConfusionMatrix, MatthewsOfTwoClassesDoesNotCareWhichIsCalledPositive) {
  ConfusionMatrix matrix(2), swapped(2);
  for (const auto& [gold, predicted, times] :
       std::vector<std::array<int32_t, 3>>{{0, 0, 5}, {0, 1, 2}, {1, 0, 1}, {1, 1, 7}}) {
    for (int32_t i = 0; i < times; ++i) {
      matrix.Add(gold, predicted);
      swapped.Add(1 - gold, 1 - predicted);
    }
  }
  EXPECT_EQ(matrix.Count(0, 1), 2);
  EXPECT_DOUBLE_EQ(matrix.Matthews(), swapped.Matthews());
  EXPECT_NEAR(matrix.Matthews(), (5 * 7 - 2 * 1) / std::sqrt(6.0 * 9 * 7 * 8), 1e-15);
}

TEST(ConfusionMatrix, ClassesOutsideAreErrors) {
  ConfusionMatrix matrix(2);
  EXPECT_THROW(matrix.Add(2, 0), Error);
  EXPECT_THROW(matrix.Add(0, -1), Error);
  EXPECT_THROW(ConfusionMatrix(0), Error);
  EXPECT_EQ(matrix.total(), 0);
}

}  // namespace
}  // namespace bv
