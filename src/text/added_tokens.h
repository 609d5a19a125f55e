// Finds added tokens ("[SEP]" and its like) in original texts. Immutable; safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/vocabulary.h"

namespace bv {

struct AddedTokenMatch {
  int32_t id = 0;
  size_t begin = 0, end = 0;  // bytes of the text
};

class AddedTokenFinder {
 public:
  // with_special: whether special tokens are looked for, or only other added ones.
  AddedTokenFinder(std::vector<AddedToken> tokens, bool with_special);
  // The leftmost, and there the longest, token at or after `begin`; false if there is none.
  bool Next(std::string_view text, size_t begin, AddedTokenMatch* match) const;

 private:
  std::vector<AddedToken> tokens_;  // longest first
  std::array<bool, 256> first_byte_{};
};

}  // namespace bv
