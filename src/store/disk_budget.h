// Which layers and which codec a store may have to fit into so many bytes. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "store/store_index.h"

namespace bv {

struct BudgetChoice {
  std::vector<int32_t> layers;
  Codec codec = Codec::kBf16;
  int64_t bytes = 0;  // by ForecastBytes
  std::string why;    // a sentence
};

// The first of these that fits: `info` as it is; all of its layers as int8; as many of its last layers as
// fit, as int8 (upper layers are those that heads use most). What is fixed stays as it is. Errors:
// kUnsupported where nothing fits.
BudgetChoice FitBudget(const StoreInfo& info, int64_t budget, bool layers_fixed, bool codec_fixed);

}  // namespace bv
