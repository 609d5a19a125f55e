#include "metrics/answer_text.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "base/strings.h"

namespace bv {
namespace {

icu::UnicodeString Lower(std::string_view text) {
  auto wide = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  return wide.toLower(icu::Locale::getRoot());
}

// Python's string.punctuation.
bool IsAsciiPunctuation(UChar32 c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

bool IsArticle(const icu::UnicodeString& word) {
  return word == u"a" || word == u"an" || word == u"the";
}

// A run of word characters is an article exactly where \b(a|an|the)\b matches it: the matches of that pattern
// begin and end at the borders of runs.
icu::UnicodeString WithoutArticles(const icu::UnicodeString& text) {
  icu::UnicodeString result;
  icu::UnicodeString run;
  const auto flush = [&] {
    result.append(IsArticle(run) ? icu::UnicodeString(u" ") : run);
    run.remove();
  };
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (IsPythonWord(static_cast<char32_t>(c))) {
      run.append(c);
    } else {
      flush();
      result.append(c);
    }
  }
  flush();
  return result;
}

}  // namespace

bool IsPythonSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool IsPythonWord(char32_t character) {
  const auto c = static_cast<UChar32>(character);
  return c == '_' || (U_GET_GC_MASK(c) & U_GC_L_MASK) != 0 ||
         u_getIntPropertyValue(c, UCHAR_NUMERIC_TYPE) != U_NT_NONE;
}

std::string PythonLower(std::string_view text) {
  std::string result;
  Lower(text).toUTF8String(result);
  return result;
}

std::vector<std::string> AnswerTokens(std::string_view text) {
  const icu::UnicodeString lower = Lower(text);
  icu::UnicodeString kept;
  for (int32_t i = 0; i < lower.length(); i = lower.moveIndex32(i, 1)) {
    const UChar32 c = lower.char32At(i);
    if (!IsAsciiPunctuation(c)) kept.append(c);
  }
  const icu::UnicodeString words = WithoutArticles(kept);
  std::vector<std::string> tokens;
  int32_t begin = 0;
  const auto flush = [&](int32_t end) {
    if (end > begin) words.tempSubStringBetween(begin, end).toUTF8String(tokens.emplace_back());
  };
  for (int32_t i = 0; i < words.length(); i = words.moveIndex32(i, 1)) {
    if (!IsPythonSpace(static_cast<char32_t>(words.char32At(i)))) continue;
    flush(i);
    begin = words.moveIndex32(i, 1);
  }
  flush(words.length());
  return tokens;
}

std::string NormalizeAnswer(std::string_view text) {
  return Join(AnswerTokens(text), " ");
}

}  // namespace bv
