#include "metrics/mcnemar.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace bv {
namespace {

TEST(McNemar, SmallCountsAreExact) {
  const McNemar test = McNemarTest(1, 9);
  EXPECT_NEAR(test.exact_p, 22.0 / 1024, 1e-15);  // 2 (1 + 10) / 2^10
  EXPECT_NEAR(test.chi_square, 4.9, 1e-12);
  EXPECT_NEAR(test.chi_square_p, 0.0268566955, 1e-9);  // scipy.stats.chi2.sf(4.9, 1)
  EXPECT_NEAR(McNemarTest(0, 6).exact_p, 2.0 / 64, 1e-15);
}

TEST(McNemar, TheOrderOfTheSystemsDoesNotMatter) {
  EXPECT_EQ(McNemarTest(12, 30).exact_p, McNemarTest(30, 12).exact_p);
  EXPECT_EQ(McNemarTest(12, 30).chi_square, McNemarTest(30, 12).chi_square);
}

TEST(McNemar, NothingToTellApartGivesOne) {
  EXPECT_EQ(McNemarTest(0, 0).exact_p, 1);
  EXPECT_EQ(McNemarTest(0, 0).chi_square_p, 1);
  EXPECT_EQ(McNemarTest(7, 7).exact_p, 1);
  EXPECT_EQ(McNemarTest(7, 8).chi_square, 0);
}

TEST(McNemar, LargeCountsAgreeWithTheNormalApproximation) {
  const McNemar test = McNemarTest(4900, 5100);
  EXPECT_NEAR(test.exact_p, test.chi_square_p, 1e-4);
  EXPECT_LT(McNemarTest(0, 100000).exact_p, 1e-300);
}

TEST(McNemar, NegativeCountsAreRefused) {
  EXPECT_THROW(McNemarTest(-1, 3), Error);
}

}  // namespace
}  // namespace bv
