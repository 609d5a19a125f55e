#include "heads/state_ops.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/einsum.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

namespace bv {
namespace {

double Distance(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).abs().max() / b.abs().max()).item<double>();
}

at::Tensor Leaf(at::IntArrayRef shape) {
  return at::randn(shape).set_requires_grad(true);
}

// The reference is LibTorch's own op on f32 values; 3000 rows of 16-bit states make several blocks.
TEST(ProjectRows, EqualsLinearForEveryStorageAndStride) {
  const at::Tensor states = at::randn({3000, 3, 256});
  const at::Tensor upstream = at::randn({3000, 5});
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const at::Tensor rows = states.to(type).select(1, 2);
    const at::Tensor weight = Leaf({5, 256}), bias = Leaf({5});
    const at::Tensor result = ProjectRows(rows, weight, bias);
    (result * upstream).sum().backward();
    const at::Tensor plain_weight = weight.detach().clone().set_requires_grad(true);
    const at::Tensor plain_bias = bias.detach().clone().set_requires_grad(true);
    const at::Tensor expected = at::linear(rows.to(at::kFloat), plain_weight, plain_bias);
    (expected * upstream).sum().backward();
    EXPECT_LT(Distance(result, expected), 1e-5);
    EXPECT_LT(Distance(weight.grad(), plain_weight.grad()), 1e-5);
    EXPECT_LT(Distance(bias.grad(), plain_bias.grad()), 1e-5);
  }
}

TEST(ProjectRows, PassesAGradientToRowsThatAskForOne) {
  const at::Tensor rows = Leaf({7, 6}), weight = Leaf({5, 6}), upstream = at::randn({7, 5});
  (ProjectRows(rows, weight) * upstream).sum().backward();
  EXPECT_LT(Distance(rows.grad(), upstream.matmul(weight)), 1e-6);
}

TEST(PoolStates, EqualsTheWeighedSumAndItsGradient) {
  const at::Tensor states = at::randn({3000, 3, 256}), upstream = at::randn({3000, 256});
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const at::Tensor stored = states.to(type), weight = Leaf({3});
    const at::Tensor result = PoolStates(stored, weight);
    (result * upstream).sum().backward();
    const at::Tensor wide = stored.to(at::kFloat);
    EXPECT_LT(Distance(result, at::einsum("nlh,l->nh", {wide, weight})), 1e-5);
    EXPECT_LT(Distance(weight.grad(), at::einsum("nlh,nh->l", {wide, upstream})), 1e-4);
  }
}

}  // namespace
}  // namespace bv
