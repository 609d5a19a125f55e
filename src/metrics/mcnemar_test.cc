#include "metrics/mcnemar.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "metrics/testing.h"

namespace bv {
namespace {

TEST(McNemar, PValuesAreThoseOfScipy) {
  const Json cases = test::ClassificationCases("mcnemar");
  EXPECT_GE(cases.size(), 8U);
  for (const Json& set : cases) {
    const McNemarTest test = McNemar(set["only_first"].get<int64_t>(), set["only_second"].get<int64_t>());
    const std::string name = set.dump();
    // lgamma of thousands carries an error of some 1e-12.
    EXPECT_NEAR(test.exact_p / set["exact_p"].get<double>(), 1, 1e-9) << name;
    test::ExpectScore(test.chi_square, set["chi_square"], name);
    test::ExpectScore(test.chi_square_p, set["chi_square_p"], name);
  }
}

TEST(McNemar, CountsExamplesThatOneSystemAloneGetsRight) {
  const std::vector<double> first = {1, 1, 0, 0, 1}, second = {1, 0, 0, 1, 0};
  const McNemarTest test = McNemar(first, second);
  EXPECT_EQ(test.only_first, 2);
  EXPECT_EQ(test.only_second, 1);
  EXPECT_EQ(test.exact_p, 1);
}

TEST(McNemar, WrongColumnsAreErrors) {
  const std::vector<double> first = {1, 0}, longer = {1, 0, 1}, half = {0.5, 1};
  EXPECT_THROW(McNemar(first, longer), Error);
  EXPECT_THROW(McNemar(first, half), Error);
}

}  // namespace
}  // namespace bv
