#include "base/strings.h"

#include <gmock/gmock.h>

namespace bv {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Strings, SplitKeepsEmptyPartsAndGivesNothingForNothing) {
  EXPECT_THAT(Split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(Split("", ','), IsEmpty());
}

TEST(Strings, ThousandsGroupsFromTheRight) {
  EXPECT_EQ(Thousands(0), "0");
  EXPECT_EQ(Thousands(999), "999");
  EXPECT_EQ(Thousands(-1234), "-1,234");
  EXPECT_EQ(Thousands(335143938), "335,143,938");
}

TEST(Strings, HumanUnitsReadWell) {
  EXPECT_EQ(HumanBytes(512), "512 B");
  EXPECT_EQ(HumanBytes(1536), "1.5 KiB");
  EXPECT_EQ(ParseBytes("512"), 512);
  EXPECT_EQ(ParseBytes("20G"), int64_t{20} << 30);
  EXPECT_EQ(ParseBytes("1.5 KiB"), 1536);
  EXPECT_EQ(ParseBytes("3MB"), int64_t{3} << 20);
  for (const char* text : {"", "G", "20X", "20GG", "-3G", "0", "nan", "inf", "1e30", "20 G x", "2iiB"})
    EXPECT_FALSE(ParseBytes(text)) << text;
  EXPECT_EQ(HumanSeconds(0.25), "0.2 s");
  EXPECT_EQ(HumanSeconds(75), "1 min 15 s");
  EXPECT_EQ(HumanSeconds(7260), "2 h 1 min");
}

TEST(Strings, QuotedEscapesControlsAndCutsBetweenCharacters) {
  EXPECT_EQ(Quoted("a\nb"), "'a\\x0ab'");
  EXPECT_EQ(Quoted("ééé", 3), "'é…'");
}

TEST(Strings, NearestFindsTyposAndParts) {
  const std::vector<std::string> names = {"learned-pooling", "adapter-64-shared", "last-layer"};
  EXPECT_THAT(Nearest("lerned-pooling", names), ElementsAre("learned-pooling"));
  EXPECT_THAT(Nearest("adapter", names), ElementsAre("adapter-64-shared"));
  EXPECT_THAT(Nearest("zzzz", names), IsEmpty());
}

}  // namespace
}  // namespace bv
