// A measurement as JSON, which has no NaN and no infinity: null stands for what could not be measured. A pure
// function.
#pragma once

#include "base/json.h"

namespace bv {

OrderedJson NumberOrNull(double value);

}  // namespace bv
