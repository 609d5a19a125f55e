#include "data/code_points.h"

#include <gtest/gtest.h>

#include <string>

namespace bv {
namespace {

TEST(CodePoints, IndexAgreesWithAWalkOverTheText) {
  std::string text;
  std::vector<int64_t> begins;
  const char* letters[] = {"a", "é", "漢", "😀"};
  for (size_t i = 0; i < 1000; ++i) {
    begins.push_back(static_cast<int64_t>(text.size()));
    text += letters[(i * 7 + i / 3) % 4];
  }
  begins.push_back(static_cast<int64_t>(text.size()));
  const CodePointIndex index(text);
  ASSERT_EQ(index.size(), 1000);
  for (size_t i = 0; i < begins.size(); ++i) EXPECT_EQ(index.Byte(static_cast<int64_t>(i)), begins[i]);
  EXPECT_EQ(index.Byte(-1), std::nullopt);
  EXPECT_EQ(index.Byte(1001), std::nullopt);
}

TEST(CodePoints, AsciiIsItsOwnIndex) {
  const CodePointIndex index("abc");
  EXPECT_EQ(index.Byte(2), 2);
  EXPECT_EQ(index.Byte(3), 3);
  EXPECT_EQ(index.Byte(4), std::nullopt);
  EXPECT_EQ(CodePointIndex("").Byte(0), 0);
}

TEST(CodePoints, MalformedUtf8IsFoundWhereItBegins) {
  EXPECT_EQ(FirstInvalidUtf8("aé漢😀\xF4\x8F\xBF\xBF\xED\x9F\xBF"), std::nullopt);
  const char* bad[] = {"\x80",         "\xC3",     "\xC0\xAF",         "\xC1\xBF",         "\xE0\x9F\xBF",
                       "\xED\xA0\x80", "\xE2\x82", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
                       "\xFF",         "\xC3\x28", "\xE2\x82\x28",     "\xF0\x9F\x98",     "\xFE"};
  for (const char* bytes : bad) {
    EXPECT_EQ(FirstInvalidUtf8(std::string("ab") + bytes), 2u) << testing::PrintToString(std::string(bytes));
  }
}

}  // namespace
}  // namespace bv
