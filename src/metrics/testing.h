// For tests only: the fixture of scores of classification, and comparison with values that may be undefined.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "base/json.h"

namespace bv::test {

// The cases of one kind in tests/fixtures/metrics/classification.json.
inline Json ClassificationCases(const char* kind) {
  return ReadJsonFile(std::filesystem::path(BERTVISION_SOURCE_DIR) /
                      "tests/fixtures/metrics/classification.json")[kind];
}

// null: NaN; otherwise equal within a relative error that only the order of sums explains.
inline void ExpectScore(double found, const Json& expected, const std::string& what) {
  if (expected.is_null()) {
    EXPECT_TRUE(std::isnan(found)) << what << ": " << found;
    return;
  }
  const double value = expected.get<double>();
  EXPECT_NEAR(found, value, 1e-13 + 1e-11 * std::abs(value)) << what;
}

}  // namespace bv::test
