#include "base/json_number.h"

#include <cmath>

namespace bv {

OrderedJson NumberOrNull(double value) {
  return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr);
}

}  // namespace bv
