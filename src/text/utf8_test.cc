#include "text/utf8.h"

#include <gmock/gmock.h>

#include <vector>

#include "text/unicode.h"

namespace bv {
namespace {

std::u32string DecodeAll(std::string_view text) {
  std::u32string out;
  for (size_t i = 0; i < text.size();) {
    const DecodedCodePoint decoded = DecodeUtf8(text, i);
    out.push_back(decoded.code);
    i += static_cast<size_t>(decoded.bytes);
  }
  return out;
}

TEST(Utf8, EveryCodePointSurvivesEncodingAndDecoding) {
  for (char32_t code = 0; code <= unicode::kMaxCodePoint; ++code) {
    if (code >= 0xD800 && code < 0xE000) continue;
    std::string text;
    AppendUtf8(code, &text);
    const DecodedCodePoint decoded = DecodeUtf8(text, 0);
    ASSERT_EQ(decoded.code, code);
    ASSERT_EQ(static_cast<size_t>(decoded.bytes), text.size());
  }
}

TEST(Utf8, EachMaximalPartOfABrokenSequenceIsOneReplacement) {
  EXPECT_EQ(DecodeAll("a\x80"
                      "b"),
            U"a\uFFFDb");
  EXPECT_EQ(DecodeAll("\xE4\xB8"
                      "b"),
            U"\uFFFDb");  // cut off after two of three bytes
  EXPECT_EQ(DecodeAll("\xF0\x9F\x98"), U"\uFFFD");
  EXPECT_EQ(DecodeAll("\xC0\xAF"), U"\uFFFD\uFFFD");                      // overlong
  EXPECT_EQ(DecodeAll("\xED\xA0\x80"), U"\uFFFD\uFFFD\uFFFD");            // a surrogate
  EXPECT_EQ(DecodeAll("\xF4\x90\x80\x80"), U"\uFFFD\uFFFD\uFFFD\uFFFD");  // above U+10FFFF
}

TEST(Utf8, ByteRangesBecomeCodePointRangesInAnyOrder) {
  const std::string text = "aé中😀\xFFz";  // 1 + 2 + 3 + 4 + 1 + 1 bytes
  std::vector<ByteRange> ranges = {{11, 12}, {1, 6}, {0, 1}, {6, 10}, {10, 11}, {0, 12}, {0, 0}};
  ToCodePointRanges(text, ranges);
  EXPECT_THAT(ranges, testing::ElementsAre(ByteRange{5, 6}, ByteRange{1, 3}, ByteRange{0, 1}, ByteRange{3, 4},
                                           ByteRange{4, 5}, ByteRange{0, 6}, ByteRange{0, 0}));
}

}  // namespace
}  // namespace bv
