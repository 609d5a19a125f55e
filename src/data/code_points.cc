#include "data/code_points.h"

#include <algorithm>

namespace bv {
namespace {

bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// Bytes of the character that begins at text[at], 0 if it is malformed.
size_t CharacterLength(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                        : (lead & 0xF0) == 0xE0        ? 3
                        : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                       : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[at + i])) return 0;
  }
  const unsigned char second = byte(at + 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool surrogate = lead == 0xED && second > 0x9F;
  const bool too_large = lead == 0xF4 && second > 0x8F;
  return overlong || surrogate || too_large ? 0 : length;
}

}  // namespace

std::optional<size_t> FirstInvalidUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = CharacterLength(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

CodePointIndex::CodePointIndex(std::string_view text) : text_(text) {
  size_ = std::count_if(text.begin(), text.end(), [](char byte) { return !IsContinuation(byte); });
  if (size_ == static_cast<int64_t>(text.size())) return;
  int64_t code_point = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (IsContinuation(text[at])) continue;
    if (code_point++ % kStep == 0) marks_.push_back(static_cast<int64_t>(at));
  }
}

std::optional<int64_t> CodePointIndex::Byte(int64_t code_point) const {
  if (code_point < 0 || code_point > size_) return std::nullopt;
  if (marks_.empty()) return code_point;
  if (code_point == size_) return static_cast<int64_t>(text_.size());
  auto at = static_cast<size_t>(marks_[static_cast<size_t>(code_point / kStep)]);
  for (int64_t left = code_point % kStep; left > 0; --left) {
    do ++at;
    while (IsContinuation(text_[at]));
  }
  return static_cast<int64_t>(at);
}

}  // namespace bv
