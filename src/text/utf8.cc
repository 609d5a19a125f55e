#include "text/utf8.h"

#include <algorithm>
#include <vector>

#include "text/unicode.h"

namespace bv {
namespace {

// What a lead byte announces: the sequence's length and the range of the second byte (which excludes
// overlong forms, surrogates and values above U+10FFFF). Length 0: not a lead byte.
struct Lead {
  int length;
  uint8_t low, high;
};

Lead Classify(uint8_t byte) {
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte < 0xF0)
    return {3, static_cast<uint8_t>(byte == 0xE0 ? 0xA0 : 0x80),
            static_cast<uint8_t>(byte == 0xED ? 0x9F : 0xBF)};
  if (byte < 0xF5)
    return {4, static_cast<uint8_t>(byte == 0xF0 ? 0x90 : 0x80),
            static_cast<uint8_t>(byte == 0xF4 ? 0x8F : 0xBF)};
  return {0, 0, 0};
}

}  // namespace

DecodedCodePoint DecodeUtf8(std::string_view text, size_t position) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[position + i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const Lead lead = Classify(first);
  if (lead.length == 0) return {unicode::kReplacement, 1};
  char32_t code = first & (0x7F >> lead.length);
  for (int i = 1; i < lead.length; ++i) {
    const auto at = static_cast<size_t>(i);
    const uint8_t low = i == 1 ? lead.low : 0x80, high = i == 1 ? lead.high : 0xBF;
    if (position + at >= text.size() || byte(at) < low || byte(at) > high) return {unicode::kReplacement, i};
    code = code << 6 | (byte(at) & 0x3F);
  }
  return {code, lead.length};
}

void AppendUtf8(char32_t code, std::string* out) {
  const auto put = [out](char32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

void ToCodePointRanges(std::string_view text, std::span<ByteRange> ranges) {
  std::vector<int32_t*> ends;
  ends.reserve(2 * ranges.size());
  for (ByteRange& range : ranges) ends.insert(ends.end(), {&range.begin, &range.end});
  const auto by_place = [](const int32_t* a, const int32_t* b) { return *a < *b; };
  if (!std::is_sorted(ends.begin(), ends.end(), by_place)) std::sort(ends.begin(), ends.end(), by_place);
  size_t position = 0;
  int32_t code_points = 0;
  for (int32_t* end : ends) {
    while (position < text.size() && static_cast<int64_t>(position) < *end) {
      position += static_cast<size_t>(DecodeUtf8(text, position).bytes);
      ++code_points;
    }
    *end = code_points;
  }
}

}  // namespace bv
