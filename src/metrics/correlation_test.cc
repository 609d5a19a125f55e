#include "metrics/correlation.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"
#include "metrics/testing.h"

namespace bv {
namespace {

TEST(Correlation, IsThatOfScipy) {
  const Json cases = test::ClassificationCases("correlation");
  EXPECT_GE(cases.size(), 8U);
  for (const Json& set : cases) {
    const std::string name = set["name"];
    const auto a = set["a"].get<std::vector<double>>(), b = set["b"].get<std::vector<double>>();
    test::ExpectScore(Pearson(a, b), set["pearson"], name + ": Pearson");
    test::ExpectScore(Pearson(b, a), set["pearson"], name + ": Pearson the other way");
    test::ExpectScore(Spearman(a, b), set["spearman"], name + ": Spearman");
    EXPECT_EQ(AverageRanks(a), set["ranks_a"].get<std::vector<double>>()) << name;
  }
}

TEST(Correlation, NumbersThatAreNotFiniteHaveNone) {
  const std::vector<double> a = {1, 2, 3};
  for (const double wrong : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    const std::vector<double> b = {1, wrong, 2};
    EXPECT_TRUE(std::isnan(Pearson(a, b)));
    EXPECT_TRUE(std::isnan(Spearman(b, a)));
  }
}

TEST(Correlation, ColumnsOfDifferentLengthsAreErrors) {
  const std::vector<double> a = {1, 2}, b = {1, 2, 3};
  EXPECT_THROW(Pearson(a, b), Error);
  EXPECT_THROW(Spearman(a, b), Error);
}

TEST(Correlation, NothingHasNone) {
  EXPECT_TRUE(std::isnan(Pearson({}, {})));
  EXPECT_TRUE(std::isnan(Spearman({}, {})));
}

}  // namespace
}  // namespace bv
