// Checks a store's folder against its checksums: any flipped, missing or extra byte in any of its files is
// found. Reads everything once. A plain function.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/file.h"

namespace bv {

struct VerifyReport {
  int64_t files = 0;  // checked, index.json among them
  int64_t bytes = 0;
  std::vector<std::string> problems;   // one line each; empty: the store is as it was written
  std::vector<std::string> strangers;  // files that do not belong to the store; no fault of its own
};

// `progress`, if given, is told the bytes read so far and in all. Errors: only where there is no finished
// store to check (as ReadStoreIndex, except for damage, which is a problem of the report).
VerifyReport VerifyStore(const fs::path& folder, const std::function<void(int64_t, int64_t)>& progress = {});

}  // namespace bv
