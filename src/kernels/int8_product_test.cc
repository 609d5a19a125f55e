// Products of 8 bits beside those in double. Skipped where the processor has no instructions for them.
#include "kernels/int8_product.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace bv::kernels {
namespace {

class Int8 : public testing::Test {
 protected:
  void SetUp() override {
    if (!Int8Product::Available()) GTEST_SKIP() << "no AVX512-VNNI: products of 8 bits not tested";
    at::manual_seed(3);
  }
};

// The root of the mean square of the error, over that of what is wanted.
double Error(const at::Tensor& got, const at::Tensor& wanted) {
  const at::Tensor exact = wanted.to(at::kDouble);
  return (got.to(at::kDouble) - exact).norm().item<double>() / exact.norm().item<double>();
}

struct Case {
  int64_t rows, in, out;
};

TEST_F(Int8, ProductsAreWithinAPercent) {
  for (const auto& [rows, in, out] :
       {Case{1, 8, 3}, Case{64, 384, 1152}, Case{1000, 1536, 384}, Case{3, 20, 36}}) {
    const at::Tensor weight = at::randn({out, in}) * 0.05, bias = at::randn({out});
    const at::Tensor x = at::randn({rows, in}).to(at::kBFloat16);
    const at::Tensor wanted = x.to(at::kFloat).matmul(weight.t()) + bias;
    EXPECT_LT(Error(Int8Product(weight, bias, {})(x, Activation::kNone), wanted), 0.015) << in;
    EXPECT_LT(
        Error(Int8Product(weight, bias, {})(x, Activation::kGeluErf), Activate(wanted, Activation::kGeluErf)),
        0.02);
    EXPECT_LT(Error(Int8Product(weight, bias, {})(x, Activation::kRelu), wanted.relu()), 0.02);
  }
}

TEST_F(Int8, ALargeChannelLeavesTheOthersTheirDigits) {
  at::Tensor x = at::randn({200, 64}), sizes;
  x.select(1, 5).mul_(80);
  at::Tensor weight = at::randn({96, 64}) * 0.05;
  weight.select(1, 5).mul_(0.02);  // as in BERT, where such channels count for little
  const at::Tensor bias = at::zeros({96}), wanted = x.to(at::kBFloat16).to(at::kFloat).matmul(weight.t());
  sizes = x.abs().amax(0);
  const at::Tensor input = x.to(at::kBFloat16);
  const double with = Error(Int8Product(weight, bias, {sizes})(input, Activation::kNone), wanted);
  const double without = Error(Int8Product(weight, bias, {})(input, Activation::kNone), wanted);
  EXPECT_LT(with, 0.02);
  EXPECT_GT(without, 5 * with);
}

TEST_F(Int8, PositiveNumbersGetNearlyAllValues) {
  const at::Tensor x = Activate(at::randn({200, 256}) * 2, Activation::kGeluErf).to(at::kBFloat16);
  const at::Tensor weight = at::randn({64, 256}) * 0.05, bias = at::zeros({64});
  const at::Tensor wanted = x.to(at::kFloat).matmul(weight.t());
  const double even = Error(Int8Product(weight, bias, {{}, 128})(x, Activation::kNone), wanted);
  const double shifted = Error(Int8Product(weight, bias, {{}, 24})(x, Activation::kNone), wanted);
  EXPECT_LT(shifted, 0.85 * even);
}

TEST_F(Int8, RowsOfZerosGiveTheBias) {
  const at::Tensor bias = at::randn({40});
  const at::Tensor y =
      Int8Product(at::randn({40, 16}), bias, {})(at::zeros({5, 16}, at::kBFloat16), Activation::kNone);
  for (int64_t row = 0; row < 5; ++row) EXPECT_TRUE(y[row].equal(bias.to(at::kBFloat16)));
}

}  // namespace
}  // namespace bv::kernels
