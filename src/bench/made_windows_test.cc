#include "bench/made_windows.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace bv::bench {
namespace {

using testing::ElementsAre;

BertConfig SmallConfig() {
  BertConfig config;
  config.vocab_size = 24;
  config.type_vocab_size = 2;
  return config;
}

TEST(MadeWindows, UsualLengthsAreThoseThatTheModelHasPositionsFor) {
  EXPECT_THAT(UsualLengths(512), ElementsAre(32, 128, 384));
  EXPECT_THAT(UsualLengths(384), ElementsAre(32, 128, 384));
  EXPECT_THAT(UsualLengths(64), ElementsAre(32));
  EXPECT_THAT(UsualLengths(16), ElementsAre(16));
  EXPECT_THROW(UsualLengths(3), Error);
}

TEST(MadeWindows, AreSuchAsTheModelTakesAndAHeadCanLearnFrom) {
  const auto windows = MadeUpWindows(SmallConfig(), 9, 50, 1);
  ASSERT_EQ(windows.size(), 50);
  for (const Window& window : windows) {
    ASSERT_EQ(window.ids.size(), 9);
    ASSERT_EQ(window.ranges.size(), 9);
    EXPECT_THAT(window.ids, testing::Each(testing::AllOf(testing::Ge(0), testing::Lt(24))));
    EXPECT_THAT(window.type_ids, ElementsAre(0, 0, 0, 0, 1, 1, 1, 1, 1));
    EXPECT_GE(window.start, window.context_begin);
    EXPECT_LT(window.end, window.context_end);
  }
  EXPECT_NE(windows[0].ids, windows[1].ids);
}

TEST(MadeWindows, OfTheShortestLengthStillHaveAContext) {
  const Window window = MadeUpWindows(SmallConfig(), kShortestWindow, 1, 1).front();
  EXPECT_EQ(window.start, 2);
  EXPECT_EQ(window.context_end, 3);
}

TEST(MadeWindows, OfAModelWithOneTypeHaveThatAlone) {
  BertConfig config = SmallConfig();
  config.type_vocab_size = 1;
  EXPECT_THAT(MadeUpWindows(config, 6, 1, 1).front().type_ids, testing::Each(0));
}

}  // namespace
}  // namespace bv::bench
