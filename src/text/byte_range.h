// A half-open range of bytes in a UTF-8 text: how pieces, answers and predictions point into original texts.
#pragma once

#include <cstdint>

namespace bv {

struct ByteRange {
  int32_t begin = 0;
  int32_t end = 0;

  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

}  // namespace bv
