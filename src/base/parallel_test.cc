#include "base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace bv {
namespace {

TEST(ParallelRanges, VisitsEveryItemOnce) {
  for (const int threads : {1, 4}) {
    std::vector<std::atomic<int>> seen(1003);
    ParallelRanges(1003, 10, threads, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) ++seen[static_cast<size_t>(i)];
    });
    for (const auto& count : seen) EXPECT_EQ(count, 1);
  }
  ParallelRanges(0, 10, 2, [](int64_t, int64_t) { FAIL(); });
}

TEST(ParallelRanges, ThrowsWhatTheBodyThrew) {
  EXPECT_THROW(ParallelRanges(100, 1, 3, [](int64_t, int64_t) { throw std::runtime_error("x"); }),
               std::runtime_error);
}

}  // namespace
}  // namespace bv
