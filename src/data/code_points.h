// UTF-8 texts addressed by code points, as data files of the Python world do it, and the check that a text is
// UTF-8 at all. Pure functions and an immutable index: safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace bv {

// The first byte that is not part of well-formed UTF-8 (Unicode chapter 3, table 3-7: no overlong forms, no
// surrogates, nothing above U+10FFFF), or nothing.
std::optional<size_t> FirstInvalidUtf8(std::string_view text);

// Finds bytes of code points in constant time after one pass. Keeps a view of the text.
class CodePointIndex {
 public:
  // text must be valid UTF-8.
  explicit CodePointIndex(std::string_view text);
  int64_t size() const { return size_; }
  // The byte where the code point begins; size() gives the text's length. Outside [0, size()]: nothing.
  std::optional<int64_t> Byte(int64_t code_point) const;

 private:
  static constexpr int64_t kStep = 128;
  std::string_view text_;
  std::vector<int64_t> marks_;  // byte of every kStep-th code point; empty for ASCII
  int64_t size_ = 0;
};

}  // namespace bv
