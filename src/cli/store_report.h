// What a store is, for `inspect`: as a screenful or as JSON. Pure functions.
#pragma once

#include <string>

#include "base/json.h"
#include "store/store_index.h"

namespace bv::cli {

// `folder` as the user named it.
std::string StoreReportText(const std::string& folder, const StoreIndex& index);
OrderedJson StoreReportJson(const std::string& folder, const StoreIndex& index);

}  // namespace bv::cli
