#include "base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace bv {
namespace {

TEST(Rng, SameSeedSameNumbersOtherSeedOthers) {
  Rng a(1), b(1), c(2);
  EXPECT_EQ(a.Next(), b.Next());
  EXPECT_NE(a.Next(), c.Next());
  EXPECT_NE(SubSeed(1, "dropout"), SubSeed(1, "shuffle"));
}

TEST(Rng, BelowIsUniform) {
  Rng rng(3);
  int counts[7] = {};
  for (int i = 0; i < 70000; ++i) ++counts[rng.Below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
}

TEST(Rng, NormalHasTheRightMoments) {
  Rng rng(4);
  double sum = 0, squares = 0, truncated_squares = 0;
  constexpr int kDraws = 200000;
  for (int i = 0; i < kDraws; ++i) {
    const double value = rng.Normal();
    sum += value;
    squares += value * value;
    const double truncated = rng.TruncatedNormal();
    EXPECT_LE(std::abs(truncated), 2);
    truncated_squares += truncated * truncated;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.01);
  EXPECT_NEAR(squares / kDraws, 1, 0.02);
  EXPECT_NEAR(std::sqrt(truncated_squares / kDraws), 0.8796, 0.01);  // of a normal cut at 2 sigma
}

TEST(Permutation, HoldsEveryNumberOnceAndDependsOnTheSeed) {
  auto order = Permutation(1000, 5);
  EXPECT_NE(order, Permutation(1000, 6));
  EXPECT_EQ(order, Permutation(1000, 5));
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (int64_t i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

}  // namespace
}  // namespace bv
