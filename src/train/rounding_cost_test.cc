#include "train/rounding_cost.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/randn_like.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/testing.h"
#include "store/store_testing.h"

namespace bv {
namespace {

using test::ScratchFolder;
using testing::Each;
using testing::SizeIs;

constexpr int64_t kWindows = 60;

// A store of all windows in one batch, whose states `change` may change first.
fs::path Store(const fs::path& folder, Codec codec, const std::function<void(StoreBatch*)>& change = {}) {
  const StoreInfo info = test::SmallInfo(codec, kWindows);
  StoreWriter writer(folder, info, test::SmallExamples());
  std::vector<int64_t> numbers;
  for (int64_t w = 0; w < kWindows; ++w) numbers.push_back(w);
  StoreBatch batch = test::SmallBatch(info, numbers);
  if (change) change(&batch);
  writer.Add(batch);
  writer.Finish();
  return folder;
}

class RoundingCostTest : public testing::Test {
 protected:
  RoundingCost CostOf(const fs::path& rounded) { return MeasureRounding(train_, exact_, rounded, 1); }

  ScratchFolder scratch_;
  fs::path train_ = Store(scratch_ / "train", Codec::kF32), exact_ = Store(scratch_ / "exact", Codec::kF32);
};

TEST_F(RoundingCostTest, TheSameStatesCostNothing) {
  const RoundingCost cost = CostOf(exact_);
  EXPECT_THAT(cost.layer_errors, SizeIs(3));
  EXPECT_THAT(cost.layer_errors, Each(0.0));
  EXPECT_EQ(cost.head, "adapter-64-shared-skip");
  EXPECT_EQ(cost.metric, "HasAns_f1");
  EXPECT_EQ(cost.trained, kWindows);
  EXPECT_EQ(cost.held_out, kWindows);
  EXPECT_EQ(cost.cost(), 0);
  EXPECT_EQ(cost.same, 1);
}

TEST_F(RoundingCostTest, AnErrorIsToldForItsLayer) {
  const RoundingCost cost = CostOf(
      Store(scratch_ / "wrong", Codec::kF32, [](StoreBatch* batch) { batch->states.select(1, 1) *= 1.125; }));
  EXPECT_EQ(cost.layer_errors[0], 0);
  EXPECT_NEAR(cost.layer_errors[1], 0.125, 1e-6);
  EXPECT_EQ(cost.layer_errors[2], 0);
}

TEST_F(RoundingCostTest, Int8IsWithinAFewThousandths) {
  const RoundingCost cost = CostOf(Store(scratch_ / "int8", Codec::kInt8));
  EXPECT_THAT(cost.layer_errors, Each(testing::AllOf(testing::Gt(0), testing::Lt(0.006))));
}

TEST_F(RoundingCostTest, TheSecondScoreIsTheOneOfTheRoundedStates) {
  const fs::path noise = Store(scratch_ / "noise", Codec::kF32,
                               [](StoreBatch* batch) { batch->states = at::randn_like(batch->states) * 3; });
  const RoundingCost cost = CostOf(noise);
  EXPECT_LT(*cost.same, 1);
  EXPECT_EQ(cost.exact, CostOf(exact_).exact);
  EXPECT_EQ(cost.rounded, MeasureRounding(train_, noise, noise, 1).exact);
}

TEST_F(RoundingCostTest, OtherWindowsAreRefused) {
  const StoreInfo info = test::SmallInfo(Codec::kF32, 40);
  test::WriteSmallStore(scratch_ / "fewer", info);
  EXPECT_THROW(CostOf(scratch_ / "fewer"), Error);
}

}  // namespace
}  // namespace bv
