#include "store/disk_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/testing.h"

namespace bv {
namespace {

using test::MessageOf;
using testing::ElementsAre;
using testing::HasSubstr;

class DiskBudget : public testing::Test {
 protected:
  DiskBudget() {
    info_.layers = {0, 1, 2, 3};
    info_.hidden = 1000;
    info_.windows = 1000;
    info_.tokens = 100'000;
  }
  int64_t Bytes(std::vector<int32_t> layers, Codec codec) const {
    StoreInfo info = info_;
    info.layers = std::move(layers);
    info.codec = codec;
    return ForecastBytes(info);
  }
  StoreInfo info_;
};

TEST_F(DiskBudget, WhatFitsStaysAsItIs) {
  const BudgetChoice choice = FitBudget(info_, ForecastBytes(info_), false, false);
  EXPECT_EQ(choice.codec, Codec::kBf16);
  EXPECT_EQ(choice.layers, info_.layers);
  EXPECT_EQ(choice.bytes, ForecastBytes(info_));
}

TEST_F(DiskBudget, Int8ComesBeforeFewerLayers) {
  const BudgetChoice choice = FitBudget(info_, ForecastBytes(info_) - 1, false, false);
  EXPECT_EQ(choice.codec, Codec::kInt8);
  EXPECT_EQ(choice.layers, info_.layers);
  EXPECT_EQ(choice.why, "4 layers in bf16 (764.2 MiB) would not fit");
}

TEST_F(DiskBudget, ThenTheUpperLayersThatFit) {
  const int64_t three = Bytes({1, 2, 3}, Codec::kInt8);
  EXPECT_THAT(FitBudget(info_, three, false, false).layers, ElementsAre(1, 2, 3));
  const BudgetChoice choice = FitBudget(info_, three - 1, false, false);
  EXPECT_THAT(choice.layers, ElementsAre(2, 3));
  EXPECT_EQ(choice.bytes, Bytes({2, 3}, Codec::kInt8));
  EXPECT_THAT(choice.why, HasSubstr("nor 3 layers in int8"));
}

TEST_F(DiskBudget, WhatTheUserChoseStays) {
  const BudgetChoice choice = FitBudget(info_, Bytes({3}, Codec::kBf16), false, true);
  EXPECT_EQ(choice.codec, Codec::kBf16);
  EXPECT_THAT(choice.layers, ElementsAre(3));
  EXPECT_THAT(MessageOf([&] {
                FitBudget(info_, Bytes({1, 2, 3}, Codec::kInt8), true, false);
              }),
              HasSubstr("a store of 4 layers in int8"));
}

TEST_F(DiskBudget, NothingThatFitsIsAnErrorWithTheLeast) {
  EXPECT_THAT(
      MessageOf([&] { FitBudget(info_, 1000, false, false); }),
      HasSubstr("a store of 1 layer in int8 (97.0 MiB) is the least there is, the disk budget is 1000 B"));
}

// BERT-large on the whole of SQuAD 2.0: 132 thousand windows of 170 pieces on average.
TEST_F(DiskBudget, AStoreOfSquad2AndBertLargeStaysBelowSixTenthsOfATerabyte) {
  info_.layers.resize(25);
  for (int32_t i = 0; i < 25; ++i) info_.layers[static_cast<size_t>(i)] = i;
  info_.hidden = 1024;
  info_.windows = 132'000;
  info_.tokens = info_.windows * 170;
  EXPECT_EQ(FitBudget(info_, 600'000'000'000, false, false).codec, Codec::kInt8);
  EXPECT_THAT(FitBudget(info_, 600'000'000'000, false, false).layers, testing::SizeIs(25));
}

}  // namespace
}  // namespace bv
