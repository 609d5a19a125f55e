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

// The reference is LibTorch's own op on f32 values; 9000 rows of 16-bit states make several blocks.
void ExpectLinear(const at::Tensor& rows, int64_t width, double tolerance) {
  const at::Tensor upstream = at::randn({rows.size(0), width});
  const at::Tensor weight = Leaf({width, rows.size(1)}), bias = Leaf({width});
  const at::Tensor result = ProjectRows(rows, weight, bias);
  (result * upstream).sum().backward();
  const at::Tensor plain_weight = weight.detach().clone().set_requires_grad(true);
  const at::Tensor plain_bias = bias.detach().clone().set_requires_grad(true);
  const at::Tensor expected = at::linear(rows.to(at::kFloat), plain_weight, plain_bias);
  (expected * upstream).sum().backward();
  EXPECT_LT(Distance(result, expected), tolerance);
  EXPECT_LT(Distance(weight.grad(), plain_weight.grad()), tolerance);
  EXPECT_LT(Distance(bias.grad(), plain_bias.grad()), 1e-5);
}

TEST(ProjectRows, EqualsLinearForEveryStorageWidthAndStride) {
  const at::Tensor states = at::randn({3000, 3, 256});
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kHalf}) {
    for (const int64_t width : {5, 64}) {
      // Wide products of bf16 states round the weights to 8 bits, where the processor is made for it.
      const double tolerance = type == at::kBFloat16 && width > 5 ? 1e-2 : 1e-5;
      ExpectLinear(states.to(type).select(1, 2), width, tolerance);
      ExpectLinear(states.to(type).flatten(0, 1), width, tolerance);
    }
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
