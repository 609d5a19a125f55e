#include "bench/bench_run.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/testing.h"
#include "bench/made_windows.h"

namespace bv::bench {
namespace {

const fs::path kModel = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert/qa";

class BenchRun : public testing::Test {
 protected:
  BenchRun() {
    request_.weights = &weights_;
    request_.precisions = {Precision::kFp32, Precision::kBf16};
    request_.lengths = {8, 32};
    request_.data = &data_;
    request_.scratch = scratch_.path();
    request_.effort = {0.5, 2};
    observer_.begin = [this](const std::string& part) { parts_.push_back(part); };
    observer_.before_store = [this] { parts_.emplace_back("the store begins"); };
    observer_.stop = [] { return false; };
  }

  const BertWeights weights_ = LoadBert(kModel);
  const test::ScratchFolder scratch_;
  const std::vector<Window> data_ = MadeUpWindows(weights_.config, 20, 5, 1);
  BenchRequest request_;
  BenchObserver observer_;
  std::vector<std::string> parts_;
};

TEST_F(BenchRun, MeasuresEverythingThatIsAskedForAndSaysSo) {
  const BenchResult result = RunBench(request_, observer_);
  EXPECT_THAT(parts_,
              testing::ElementsAre("fp32, matrix products", "fp32, windows of 8", "fp32, windows of 32",
                                   "fp32, windows of the data", "bf16, matrix products", "bf16, windows of 8",
                                   "bf16, windows of 32", "bf16, windows of the data", "the store begins",
                                   "a store, writing", "a store, reading", "a store, training"));
  EXPECT_EQ(Parts(request_), 11);
  ASSERT_EQ(result.precisions.size(), 2);
  for (const PrecisionRates& rates : result.precisions) {
    ASSERT_EQ(rates.lengths.size(), 2);
    EXPECT_EQ(rates.lengths[1].length, 32);
    for (const auto& of_length : rates.lengths) EXPECT_GT(of_length.rate.ShareOf(rates.limit), 0);
    ASSERT_TRUE(rates.data.has_value());
    EXPECT_EQ(rates.data->tokens, 100);
  }
  ASSERT_TRUE(result.store.has_value());
  EXPECT_EQ(result.store->tokens, 20 * result.store->windows) << "of the data's windows";
}

TEST_F(BenchRun, LeavesOutWhatIsNotAskedFor) {
  request_.encoder = false;
  EXPECT_EQ(Parts(request_), 3);
  EXPECT_TRUE(RunBench(request_, observer_).precisions.empty());
  request_.encoder = true;
  request_.store = false;
  request_.data = nullptr;
  EXPECT_EQ(Parts(request_), 6);
  parts_.clear();
  const BenchResult result = RunBench(request_, observer_);
  EXPECT_EQ(parts_.size(), 6);
  EXPECT_FALSE(result.store.has_value());
  EXPECT_FALSE(result.precisions[0].data.has_value());
}

TEST_F(BenchRun, LeavesNothingInTheScratchFolder) {
  RunBench(request_, observer_);
  EXPECT_TRUE(fs::is_empty(scratch_.path()));
  int polls = 0;
  observer_.stop = [&] { return ++polls == 3; };
  EXPECT_THROW(RunBench(request_, observer_), Error);
  EXPECT_TRUE(fs::is_empty(scratch_.path()));
}

TEST_F(BenchRun, WithoutDataTheStoreHasWindowsOfTheUsualLengths) {
  request_.encoder = false;
  request_.data = nullptr;
  const StoreRates rates = RunBench(request_, observer_).store.value();
  EXPECT_EQ(rates.tokens, 32 * rates.windows) << "the only one that this model has positions for";
}

}  // namespace
}  // namespace bv::bench
