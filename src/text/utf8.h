// UTF-8 in and out, with one rule for bytes that are not UTF-8: each maximal part of a broken sequence counts
// as one U+FFFD (the rule of the Unicode Standard, section 3.9, and of most software). Thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "text/byte_range.h"

namespace bv {

struct DecodedCodePoint {
  char32_t code;
  int32_t bytes;  // at least 1
};

// The code point at text[position]; position < text.size().
DecodedCodePoint DecodeUtf8(std::string_view text, size_t position);
void AppendUtf8(char32_t code, std::string* out);

// Turns byte ranges of `text` into code point ranges, in place. Each end of a range must be a border between
// code points, as the ends of pieces are; otherwise it counts as the border after it. Ranges may overlap and
// stand in any order.
void ToCodePointRanges(std::string_view text, std::span<ByteRange> ranges);

}  // namespace bv
