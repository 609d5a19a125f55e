#include "train/head_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "train/testing.h"

namespace bv {
namespace {

constexpr int64_t kMebibyte = int64_t{1} << 20;

FitRequest Request(const std::vector<std::string>& heads) {
  return {heads, {25, 1024}, {16, 200, 384}};
}

std::string MessageFor(const FitRequest& request, int64_t available) {
  try {
    RequireFit(request, available);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
    return error.what();
  }
  return "fits";
}

TEST(HeadFit, HeadsAreTrainedOneAfterTheOtherSoOnlyTheLargestStepCounts) {
  const int64_t small = ForecastBytes(Request({"last-layer"}));
  const int64_t large = ForecastBytes(Request({"lp-adapter-nxn-cnn"}));
  const int64_t both = ForecastBytes(Request({"last-layer", "lp-adapter-nxn-cnn"}));
  EXPECT_GT(both, large);
  EXPECT_LT(both, large + small / 10);
}

TEST(HeadFit, MoreWindowsAndLayersTakeMore) {
  FitRequest request = Request({"1xn-cnn"});
  const int64_t before = ForecastBytes(request);
  request.batch.windows = 32;
  EXPECT_GT(ForecastBytes(request), 1.9 * static_cast<double>(before));
  // On a grid every window is as long as the longest.
  FitRequest grid = Request({"lp-adapter-inception"});
  const int64_t short_windows = ForecastBytes(grid);
  grid.batch.longest = 768;
  EXPECT_GT(ForecastBytes(grid), 1.8 * static_cast<double>(short_windows));
}

TEST(HeadFit, WhatFitsPassesAndWhatDoesNotIsNamedWithTheWayOut) {
  const FitRequest request = Request({"last-layer", "lp-adapter-inception"});
  const int64_t needed = ForecastBytes(request);
  EXPECT_EQ(MessageFor(request, needed), "fits");
  const std::string message = MessageFor(request, needed - kMebibyte);
  EXPECT_THAT(message, testing::HasSubstr("too large by themselves: lp-adapter-inception ("));
  EXPECT_THAT(message, testing::HasSubstr("--batch-size 15 would fit, or leave them out of --head"));
  EXPECT_THAT(MessageFor(Request({"lp-adapter-inception"}), kMebibyte),
              testing::HasSubstr("a machine with more memory"));
  const FitRequest many = Request({"adapter-386-unshared", "adapter-386-unshared-skip"});
  EXPECT_THAT(MessageFor(many, ForecastBytes(many) - kMebibyte), testing::HasSubstr("fewer heads at once"));
}

TEST(HeadFit, BatchesAreLikeTheSource) {
  const test::MemorySource source = test::LearnableSource(100, 3, 16, 1);
  const BatchSize batch = BatchOf(source, 16, 384);
  EXPECT_EQ(batch.windows, 16);
  EXPECT_GE(batch.tokens, 9);
  EXPECT_LE(batch.tokens, 12);
  EXPECT_EQ(batch.longest, 384);
  EXPECT_EQ(BatchOf(source, 1000, 10).windows, 100);
  EXPECT_EQ(BatchOf(source, 1000, 10).tokens, 10);
}

}  // namespace
}  // namespace bv
