#include "features/text_windows.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/rng.h"

namespace bv {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Tokenizer SmallTokenizer() {
  TokenizerFiles files;
  files.pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "##c"};
  return Tokenizer(std::move(files));
}

TextData Pairs(const std::vector<std::pair<std::string, std::string>>& texts, bool pair = true) {
  TextData data;
  data.pair = pair;
  for (const auto& [a, b] : texts) {
    data.examples.emplace_back();
    data.examples.back().text_a = a;
    data.examples.back().text_b = b;
  }
  return data;
}

std::pair<int32_t, int32_t> Cut(int32_t a, int32_t b, int32_t room) {
  const PairLengths kept = CutLongestFirst(a, b, room);
  return {kept.a, kept.b};
}

TEST(TextWindows, SingleTextsHaveOneSegment) {
  const Tokenizer tokenizer = SmallTokenizer();
  const auto windows = MakeTextWindows(tokenizer, Pairs({{"a bc", ""}, {"", ""}}, false), {}, 1);
  EXPECT_THAT(windows[0].ids, ElementsAre(2, 4, 5, 6, 3));
  EXPECT_THAT(windows[0].type_ids, ElementsAre(0, 0, 0, 0, 0));
  EXPECT_EQ(windows[0].ranges[3], (ByteRange{3, 4}));
  EXPECT_EQ(windows[0].ranges[4], ByteRange{});
  EXPECT_EQ(windows[0].context_begin, 0);
  EXPECT_EQ(windows[0].context_end, 0);
  EXPECT_THAT(windows[1].ids, ElementsAre(2, 3));
  EXPECT_EQ(windows[1].example, 1);
}

TEST(TextWindows, SecondTextsHaveTypeOneAndBytesOfTheirOwn) {
  const auto windows = MakeTextWindows(SmallTokenizer(), Pairs({{"a", " bc b"}, {"a", ""}}), {}, 1);
  EXPECT_THAT(windows[0].ids, ElementsAre(2, 4, 3, 5, 6, 5, 3));
  EXPECT_THAT(windows[0].type_ids, ElementsAre(0, 0, 0, 1, 1, 1, 1));
  EXPECT_EQ(windows[0].context_begin, 3);
  EXPECT_EQ(windows[0].context_end, 6);
  EXPECT_EQ(windows[0].ranges[3], (ByteRange{1, 2}));
  EXPECT_EQ(windows[0].ranges[5], (ByteRange{4, 5}));
  EXPECT_THAT(windows[1].ids, ElementsAre(2, 4, 3, 3));
  EXPECT_THAT(windows[1].type_ids, ElementsAre(0, 0, 0, 1));
  EXPECT_EQ(windows[1].context_begin, 3);
  EXPECT_EQ(windows[1].context_end, 3);
}

TEST(CutLongestFirst, KeepsTheShorterTextWholeUpToHalfOfTheRoom) {
  EXPECT_EQ(Cut(3, 4, 7), std::pair(3, 4));
  EXPECT_EQ(Cut(3, 9, 7), std::pair(3, 4));
  EXPECT_EQ(Cut(9, 3, 7), std::pair(4, 3));
  EXPECT_EQ(Cut(9, 1, 7), std::pair(6, 1));
  EXPECT_EQ(Cut(9, 0, 7), std::pair(7, 0));
  EXPECT_EQ(Cut(0, 9, 7), std::pair(0, 7));
}

TEST(CutLongestFirst, GivesTheOddPieceToTheLongerTextAndToTheSecondOfEqualOnes) {
  EXPECT_EQ(Cut(9, 8, 7), std::pair(4, 3));
  EXPECT_EQ(Cut(8, 9, 7), std::pair(3, 4));
  EXPECT_EQ(Cut(9, 9, 7), std::pair(3, 4));
  EXPECT_EQ(Cut(9, 9, 1), std::pair(0, 1));
  EXPECT_EQ(Cut(4, 4, 7), std::pair(3, 4));
  EXPECT_EQ(Cut(5, 4, 8), std::pair(4, 4));
}

TEST(CutLongestFirst, AlwaysFillsTheRoomAndNeverInventsPieces) {
  for (int32_t room = 1; room < 12; ++room) {
    for (int32_t a = 0; a < 15; ++a) {
      for (int32_t b = 0; b < 15; ++b) {
        const auto [kept_a, kept_b] = Cut(a, b, room);
        EXPECT_EQ(kept_a + kept_b, std::min(a + b, room));
        EXPECT_TRUE(0 <= kept_a && kept_a <= a && 0 <= kept_b && kept_b <= b) << a << " " << b << " " << room;
      }
    }
  }
}

TEST(TextWindows, LongTextsAreCutAtTheirEnds) {
  TextWindowStatistics statistics;
  const TextData data = Pairs({{"a a a a", "b b b bc"}, {"a", "b"}});
  const auto windows = MakeTextWindows(SmallTokenizer(), data, {.max_length = 8}, 1, &statistics);
  EXPECT_THAT(windows[0].ids, ElementsAre(2, 4, 4, 3, 5, 5, 5, 3));
  EXPECT_EQ(statistics.cut, 1);
  EXPECT_EQ(statistics.tokens, 8 + 5);
  EXPECT_THAT(statistics.a_lengths, ElementsAre(4, 1));
  EXPECT_THAT(statistics.b_lengths, ElementsAre(5, 1));
  EXPECT_THAT(statistics.uncut_lengths, ElementsAre(12, 5));
  const auto single = MakeTextWindows(SmallTokenizer(), Pairs({{"a a b", ""}}, false), {.max_length = 3}, 1);
  EXPECT_THAT(single[0].ids, ElementsAre(2, 4, 3));
}

TEST(TextWindows, LengthsWithoutRoomAreRefused) {
  const TextData pairs = Pairs({{"a", "b"}}), single = Pairs({{"a", ""}}, false);
  EXPECT_EQ(MakeTextWindows(SmallTokenizer(), single, {.max_length = 3}, 1).size(), 1U);
  EXPECT_EQ(MakeTextWindows(SmallTokenizer(), pairs, {.max_length = 4}, 1).size(), 1U);
  EXPECT_THROW(MakeTextWindows(SmallTokenizer(), single, {.max_length = 2}, 1), Error);
  try {
    MakeTextWindows(SmallTokenizer(), pairs, {.max_length = 3}, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("--max-length is 3, at least 4 are needed"));
  }
}

TEST(TextWindows, ThreadsChangeNothing) {
  Rng rng(7);
  std::vector<std::pair<std::string, std::string>> texts(300);
  for (auto& [a, b] : texts) {
    for (uint64_t i = rng.Below(12); i > 0; --i) a += "a ";
    for (uint64_t i = rng.Below(12); i > 0; --i) b += "bc ";
  }
  const TextData data = Pairs(texts);
  const auto one = MakeTextWindows(SmallTokenizer(), data, {.max_length = 10}, 1);
  const auto many = MakeTextWindows(SmallTokenizer(), data, {.max_length = 10}, 4);
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].ids, many[i].ids);
    EXPECT_EQ(one[i].example, many[i].example);
  }
}

}  // namespace
}  // namespace bv
