#include "metrics/answer_text.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/json.h"

namespace bv {
namespace {

const Json& CodePointFixture() {
  static const Json fixture =
      ReadJsonFile(std::filesystem::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/metrics/code_points.json");
  return fixture;
}

std::string Utf8(char32_t c) {
  const auto low = [](char32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | (c >> 6)), low(c)};
  if (c < 0x10000) return {static_cast<char>(0xE0 | (c >> 12)), low(c >> 6), low(c)};
  return {static_cast<char>(0xF0 | (c >> 18)), low(c >> 12), low(c >> 6), low(c)};
}

// Calls check(code point, value) for all code points, from a list of [first code point, value].
template <typename Check>
void ForEachInRuns(const Json& runs, Check check) {
  for (size_t i = 0; i < runs.size(); ++i) {
    const auto end = i + 1 < runs.size() ? runs[i + 1][0].get<char32_t>() : char32_t{0x110000};
    for (auto c = runs[i][0].get<char32_t>(); c < end; ++c) check(c, runs[i][1]);
  }
}

// Code points that Python's Unicode version does not know are left out: a newer ICU may know them.
TEST(AnswerText, ClassesOfAllCodePointsArePythons) {
  int64_t checked = 0;
  ForEachInRuns(CodePointFixture()["classes"], [&](char32_t c, const std::string& kind) {
    if (kind == "unassigned") return;
    ++checked;
    ASSERT_EQ(IsPythonWord(c), kind == "word") << std::hex << static_cast<uint32_t>(c);
    ASSERT_EQ(IsPythonSpace(c), kind == "space") << std::hex << static_cast<uint32_t>(c);
  });
  EXPECT_GT(checked, 250'000);
}

TEST(AnswerText, LowerCaseOfAllCodePointsIsPythons) {
  const Json& lower = CodePointFixture()["lower"];
  int64_t changed = 0;
  ForEachInRuns(CodePointFixture()["classes"], [&](char32_t c, const std::string& kind) {
    if (kind == "unassigned") return;
    const auto found = lower.find(std::to_string(static_cast<uint32_t>(c)));
    changed += found != lower.end();
    ASSERT_EQ(PythonLower(Utf8(c)), found == lower.end() ? Utf8(c) : found->get<std::string>())
        << std::hex << static_cast<uint32_t>(c);
  });
  EXPECT_EQ(changed, static_cast<int64_t>(lower.size()));
}

TEST(AnswerText, FinalSigmaBesideEveryCodePointIsPythons) {
  const auto is_final = [](const std::string& text) {
    return PythonLower(text).find("ς") != std::string::npos;
  };
  ForEachInRuns(CodePointFixture()["final_sigma"], [&](char32_t c, int bits) {
    if (bits < 0) return;
    const std::string letter = Utf8(c);
    const int found =
        is_final(letter + "Σ") + 2 * is_final("aΣ" + letter) + 4 * is_final("aΣ" + letter + "b");
    ASSERT_EQ(found, bits) << std::hex << static_cast<uint32_t>(c);
  });
}

TEST(AnswerText, ArticlesAreWholeWordsOnly) {
  EXPECT_EQ(NormalizeAnswer("The cat, an apple & a tree"), "cat apple tree");
  EXPECT_EQ(NormalizeAnswer("theatre Ann a1 then"), "theatre ann a1 then");
  EXPECT_EQ(NormalizeAnswer("the"), "");
  EXPECT_EQ(NormalizeAnswer(""), "");
}

TEST(AnswerText, InvalidUtf8IsNotACrash) {
  EXPECT_EQ(NormalizeAnswer("x\xFFy\xC3"), "x\xEF\xBF\xBDy\xEF\xBF\xBD");
}

}  // namespace
}  // namespace bv
