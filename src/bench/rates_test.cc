#include "bench/rates.h"

#include <gmock/gmock.h>

namespace bv::bench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Rates, TheFigureIsTheMedian) {
  EXPECT_DOUBLE_EQ((Rates{{30, 10, 20}}.median()), 20);
  EXPECT_DOUBLE_EQ((Rates{{30, 10, 20, 1000}}.median()), 25);
  EXPECT_DOUBLE_EQ((Rates{{30, 10, 20}}.slowest()), 10);
  EXPECT_DOUBLE_EQ((Rates{{30, 10, 20}}.fastest()), 30);
}

TEST(Rates, OfNothingAreZero) {
  EXPECT_EQ(Rates{}.median(), 0);
  EXPECT_EQ(Rates{}.slowest(), 0);
  EXPECT_EQ(Rates{}.fastest(), 0);
}

TEST(Rates, RepeatsFillTheBudgetThatTheWarmUpLeaves) {
  EXPECT_EQ(RepeatsWithin(1, {4}), 3);
  EXPECT_EQ(RepeatsWithin(1, {4.9}), 3);
  EXPECT_EQ(RepeatsWithin(1, {4, 2}), 2);
  EXPECT_EQ(RepeatsWithin(0.001, {4}), 25);
  EXPECT_EQ(RepeatsWithin(0, {4}), 25);
  EXPECT_EQ(RepeatsWithin(5, {4}), 1) << "slow work is timed once all the same";
  EXPECT_EQ(RepeatsWithin(5, {0}), 1);
}

TEST(Rates, TheWarmUpIsNotAmongTheRepeats) {
  double calls = 0;
  const Rates rates = Measure({3600, 3}, [&] { return calls++; });
  EXPECT_THAT(rates.values, ElementsAre(1, 2, 3));
}

TEST(Rates, ASampleSpreadsOverTheWholeAndRepeatsNothing) {
  EXPECT_THAT(SpreadSample(9, 3), ElementsAre(0, 4, 8));
  EXPECT_THAT(SpreadSample(10, 4), ElementsAre(0, 3, 6, 9));
  EXPECT_THAT(SpreadSample(5, 4), ElementsAre(0, 1, 2, 4));
  EXPECT_THAT(SpreadSample(9, 1), ElementsAre(4));
  EXPECT_THAT(SpreadSample(3, 7), ElementsAre(0, 1, 2));
  EXPECT_THAT(SpreadSample(0, 3), IsEmpty());
}

}  // namespace
}  // namespace bv::bench
