#include "heads/token_grid.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace bv {
namespace {

TEST(TokenGrid, WindowsLieBesideEachOtherWithZerosAfterThem) {
  const at::Tensor offsets = at::tensor({0, 2, 3}, at::kLong), packed = at::randn({3, 4, 5});
  const TokenGrid grid(offsets, at::kCPU);
  const at::Tensor spread = grid.Spread(packed);
  EXPECT_EQ(spread.sizes(), (std::vector<int64_t>{2, 2, 4, 5}));
  EXPECT_TRUE(at::equal(spread[0], packed.narrow(0, 0, 2)));
  EXPECT_TRUE(at::equal(spread[1][0], packed[2]));
  EXPECT_EQ(spread[1][1].abs().max().item<float>(), 0);
  EXPECT_TRUE(at::equal(grid.Gather(spread), packed));
  EXPECT_TRUE(at::equal(grid.Mask(), at::tensor({1.0F, 1.0F, 1.0F, 0.0F}).view({2, 2})));
}

TEST(TokenGrid, WindowsOfOneLengthNeedNoMask) {
  const at::Tensor packed = at::randn({6, 2});
  const TokenGrid grid(at::tensor({0, 3, 6}, at::kLong), at::kCPU);
  EXPECT_FALSE(grid.Mask().defined());
  EXPECT_TRUE(at::equal(grid.Gather(grid.Spread(packed)), packed));
}

TEST(TokenGrid, MorePlacesThanTokensAreZeros) {
  const at::Tensor packed = at::randn({3, 2});
  const TokenGrid grid(at::tensor({0, 3}, at::kLong), at::kCPU, 7);
  EXPECT_EQ(grid.Spread(packed).sizes(), (std::vector<int64_t>{1, 7, 2}));
  EXPECT_TRUE(at::equal(grid.Gather(grid.Spread(packed)), packed));
}

TEST(TokenGrid, GradientsComeBackToTheirTokens) {
  const at::Tensor packed = at::randn({3, 2}).set_requires_grad(true), upstream = at::randn({3, 2});
  const TokenGrid grid(at::tensor({0, 1, 3}, at::kLong), at::kCPU);
  (grid.Gather(grid.Spread(packed)) * upstream).sum().backward();
  EXPECT_TRUE(at::equal(packed.grad(), upstream));
}

TEST(InParts, TakesWholeWindowsAndJoinsWhatComesOut) {
  const at::Tensor states = at::randn({10, 2}), offsets = at::tensor({0, 3, 5, 9, 10}, at::kLong);
  std::vector<int64_t> sizes;
  const auto forward = [&](const at::Tensor& part, const at::Tensor& part_offsets) {
    sizes.push_back(part.size(0));
    EXPECT_EQ(part_offsets[0].item<int64_t>(), 0);
    EXPECT_EQ(part_offsets[-1].item<int64_t>(), part.size(0));
    return part;
  };
  EXPECT_TRUE(at::equal(InParts(states, offsets, 5, forward), states));
  EXPECT_THAT(sizes, testing::ElementsAre(5, 5));
  sizes.clear();
  EXPECT_TRUE(at::equal(InParts(states, offsets, 2, forward), states));
  EXPECT_THAT(sizes, testing::ElementsAre(3, 2, 4, 1));
}

}  // namespace
}  // namespace bv
