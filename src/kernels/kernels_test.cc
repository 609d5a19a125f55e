#include "kernels/kernels.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "base/error.h"
#include "base/json.h"

namespace bv::kernels {
namespace {

double MaxAbs(const at::Tensor& x) {
  return at::abs(x).max().item<double>();
}
double RelativeError(const at::Tensor& got, const at::Tensor& wanted) {
  return MaxAbs(got.to(at::kDouble) - wanted.to(at::kDouble)) / MaxAbs(wanted.to(at::kDouble));
}

at::Tensor Leaf(at::IntArrayRef shape) {
  return at::randn(shape).requires_grad_(true);
}

class Precisions : public testing::TestWithParam<Precision> {
 protected:
  void SetUp() override { at::manual_seed(7); }
};
INSTANTIATE_TEST_SUITE_P(Kernels, Precisions, testing::Values(Precision::kFp32, Precision::kBf16));

double Tolerance(Precision precision) {
  return precision == Precision::kBf16 ? 6e-2 : 2e-6;
}

// Every name that transformers knows, in double precision: supported ones agree, the others are refused.
TEST(Activations, EqualTransformersUnderEverySupportedName) {
  const std::string file = BERTVISION_SOURCE_DIR "/tests/fixtures/kernels/activations.json";
  const Json fixture = ReadJsonFile(file);
  const at::Tensor x = at::tensor(fixture["x"].get<std::vector<double>>());
  std::vector<std::string> compared;
  const std::vector<std::string> supported = ActivationNames();
  for (const auto& [name, values] : fixture["values"].items()) {
    if (std::find(supported.begin(), supported.end(), name) == supported.end()) {
      EXPECT_THROW(ParseActivation(name), Error) << name;
      continue;
    }
    const at::Tensor wanted = at::tensor(values.get<std::vector<double>>());
    const at::Tensor got = Activate(x, ParseActivation(name));
    EXPECT_TRUE(at::allclose(got, wanted, /*rtol=*/1e-9, /*atol=*/1e-12)) << name << "\n" << got - wanted;
    compared.push_back(name);
  }
  EXPECT_THAT(compared, testing::UnorderedElementsAreArray(supported));
}

TEST_P(Precisions, PackedLinearEqualsThePlainProductForEveryActivation) {
  for (const std::string& name : ActivationNames()) {
    const Activation activation = ParseActivation(name);
    const at::Tensor x = at::randn({37, 20}), weight = at::randn({12, 20}), bias = at::randn({12});
    const at::Tensor wanted =
        Activate(at::linear(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble)), activation);
    const at::Tensor got = Linear::Packed(weight, bias, GetParam())(x, activation);
    EXPECT_LT(RelativeError(got, wanted), Tolerance(GetParam())) << name;
  }
}

TEST_P(Precisions, LinearGradientsEqualAutograd) {
  const at::Tensor x = Leaf({9, 6}), weight = Leaf({4, 6}), bias = Leaf({4}), probe = at::randn({9, 4});
  const auto gradients = [&](const at::Tensor& y) {
    for (const auto& t : {x, weight, bias}) t.mutable_grad() = at::Tensor();
    (y * probe.to(y.scalar_type())).sum().backward();
    return std::vector<at::Tensor>{x.grad().clone(), weight.grad().clone(), bias.grad().clone()};
  };
  const auto wanted = gradients(at::linear(x, weight, bias));
  const auto got = gradients(Linear::Trainable(weight, bias, GetParam())(x));
  for (size_t i = 0; i < wanted.size(); ++i)
    EXPECT_LT(RelativeError(got[i], wanted[i]), Tolerance(GetParam())) << i;
}

TEST(Linear, TakesNoTokens) {
  const Linear linear = Linear::Packed(at::randn({4, 6}), at::randn({4}), Precision::kFp32);
  EXPECT_EQ(linear(at::randn({0, 6})).sizes(), at::IntArrayRef({0, 4}));
}

// Attention by the textbook, one window after the other, in double.
// keys: how many rows of each window are attended to; none given: all.
at::Tensor Reference(const at::Tensor& qkv, const std::vector<int64_t>& offsets, int64_t heads,
                     const std::vector<int64_t>& keys = {}) {
  std::vector<at::Tensor> windows;
  const int64_t hidden = qkv.size(1) / 3, width = hidden / heads;
  for (size_t w = 0; w + 1 < offsets.size(); ++w) {
    const at::Tensor rows = qkv.slice(0, offsets[w], offsets[w + 1]).to(at::kDouble);
    std::vector<at::Tensor> outs;
    for (int64_t h = 0; h < heads; ++h) {
      const auto part = [&](int64_t p) {
        return rows.slice(1, p * hidden + h * width, p * hidden + (h + 1) * width);
      };
      const int64_t seen = keys.empty() ? rows.size(0) : keys[w];
      const at::Tensor scores =
          at::matmul(part(0), part(1).slice(0, 0, seen).t()) / std::sqrt(static_cast<double>(width));
      outs.push_back(at::matmul(at::softmax(scores, -1), part(2).slice(0, 0, seen)));
    }
    windows.push_back(at::cat(outs, 1));
  }
  return at::cat(windows, 0);
}

const std::vector<int64_t> kOffsets = {0, 5, 6, 6, 40, 43};  // a one-token and an empty window among them

TEST_P(Precisions, AttentionEqualsTheTextbookAndItsGradient) {
  const at::Tensor qkv = Leaf({43, 36}), probe = at::randn({43, 12});
  const at::Tensor wanted = Reference(qkv, kOffsets, 3);
  (wanted * probe).sum().backward();
  const at::Tensor wanted_gradient = qkv.grad().clone();
  qkv.mutable_grad() = at::Tensor();
  const at::Tensor got = VarlenAttention(qkv, at::tensor(kOffsets), 3, GetParam());
  (got * probe).sum().backward();
  EXPECT_LT(RelativeError(got.detach(), wanted.detach()), Tolerance(GetParam()));
  EXPECT_LT(RelativeError(qkv.grad(), wanted_gradient), Tolerance(GetParam()));
}

TEST_P(Precisions, RowsThatAreNoKeysAttendAndAreNotAttendedTo) {
  const std::vector<int64_t> keys = {3, 1, 0, 34, 1};
  const at::Tensor qkv = Leaf({43, 36}), probe = at::randn({43, 12});
  const at::Tensor wanted = Reference(qkv, kOffsets, 3, keys);
  (wanted * probe).sum().backward();
  const at::Tensor wanted_gradient = qkv.grad().clone();
  qkv.mutable_grad() = at::Tensor();
  const at::Tensor got = VarlenAttention(qkv, at::tensor(kOffsets), 3, GetParam(), {}, at::tensor(keys));
  (got * probe).sum().backward();
  EXPECT_LT(RelativeError(got.detach(), wanted.detach()), Tolerance(GetParam()));
  EXPECT_LT(RelativeError(qkv.grad(), wanted_gradient), Tolerance(GetParam()));
  // Keys and values of such rows get no gradient, to the bit.
  EXPECT_EQ(MaxAbs(qkv.grad().slice(0, 3, 5).slice(1, 12)), 0);
}

TEST(Attention, ExtremeLogitsStayFinite) {
  const at::Tensor qkv = at::randn({30, 24}) * 1e4;
  const at::Tensor got = VarlenAttention(qkv, at::tensor(std::vector<int64_t>{0, 30}), 2, Precision::kFp32);
  EXPECT_TRUE(at::isfinite(got).all().item<bool>());
}

void CheckDropoutGradient(const at::Tensor& keys) {
  // Double precision is not a path of the kernel, so the step is large and the tolerance that of fp32.
  const DropoutKey key = {0.3, 77};
  const at::Tensor offsets = at::tensor(std::vector<int64_t>{0, 4, 9});
  const at::Tensor qkv = Leaf({9, 12}), probe = at::randn({9, 4}), direction = at::randn({9, 12});
  const auto value = [&](const at::Tensor& x) {
    return (VarlenAttention(x, offsets, 2, Precision::kFp32, key, keys) * probe).sum().to(at::kDouble);
  };
  value(qkv).backward();
  const double analytic = (qkv.grad() * direction).sum().item<double>();
  constexpr double kStep = 1e-2;
  const double numeric =
      (value(qkv.detach() + kStep * direction) - value(qkv.detach() - kStep * direction)).item<double>() /
      (2 * kStep);
  EXPECT_NEAR(analytic, numeric, 2e-3 * std::max(1.0, std::abs(analytic)));
}

TEST(Attention, DropoutGradientMatchesFiniteDifferences) {
  CheckDropoutGradient({});
  CheckDropoutGradient(at::tensor(std::vector<int64_t>{2, 5}));
}

TEST(Dropout, KeepsTheMeanAndDropsTheGivenShare) {
  const at::Tensor x = at::ones({400, 250});
  const at::Tensor y = Dropout(x, {0.1, 3});
  EXPECT_NEAR((y == 0).to(at::kDouble).mean().item<double>(), 0.1, 0.004);
  EXPECT_NEAR(y.mean().item<double>(), 1.0, 0.005);
  EXPECT_TRUE(at::equal(Dropout(x, {0.1, 3}), y));
  EXPECT_FALSE(at::equal(Dropout(x, {0.1, 4}), y));
  // Neighbouring rows and columns are dropped independently.
  const at::Tensor kept = (y != 0).to(at::kDouble) - 0.9;
  EXPECT_NEAR((kept.slice(0, 0, 399) * kept.slice(0, 1, 400)).mean().item<double>(), 0, 0.002);
  EXPECT_NEAR((kept.slice(1, 0, 249) * kept.slice(1, 1, 250)).mean().item<double>(), 0, 0.002);
}

TEST(Dropout, GradientPassesWhereTheMaskKept) {
  const at::Tensor x = at::ones({20, 30}).requires_grad_(true);
  const at::Tensor y = Dropout(x, {0.5, 9});
  y.sum().backward();
  EXPECT_TRUE(at::equal(x.grad(), y.detach()));
}

TEST(Activation, UnknownNamesAreRefusedWithTheKnownOnes) {
  try {
    ParseActivation("geglu");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
    EXPECT_NE(std::string(error.what()).find("gelu_new"), std::string::npos);
  }
}

}  // namespace
}  // namespace bv::kernels
