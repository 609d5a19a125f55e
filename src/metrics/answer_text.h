// Answers as the official SQuAD scripts compare them. Those scripts are Python, so this is Python's Unicode:
// str.lower, the \b of re, and str.split, which differ from the C library's and from std::regex. Pure
// functions over ICU's tables: safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bv {

// Lower-cased; ASCII punctuation removed; the words a, an and the replaced by a space; split at white space.
// text is valid UTF-8 (anything else becomes U+FFFD).
std::vector<std::string> AnswerTokens(std::string_view text);

// The tokens with single spaces between them: two answers match exactly if these are equal.
std::string NormalizeAnswer(std::string_view text);

// Python's classes of characters, for code points up to U+10FFFF.
bool IsPythonSpace(char32_t character);          // str.isspace
bool IsPythonWord(char32_t character);           // \w of re: str.isalnum or underscore
std::string PythonLower(std::string_view text);  // str.lower

}  // namespace bv
