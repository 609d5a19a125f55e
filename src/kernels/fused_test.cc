// The fused kernels of inference against plain arithmetic in double, on every instruction set this processor
// has.
#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "kernels/kernels.h"
#include "kernels/layout.h"
#include "kernels/panel.h"
#include "kernels/rows.h"

namespace bv::kernels {
namespace {

double MaxAbs(const at::Tensor& x) {
  return at::abs(x.to(at::kDouble)).max().item<double>();
}
double RelativeError(const at::Tensor& got, const at::Tensor& wanted) {
  return MaxAbs(got.to(at::kDouble) - wanted) / MaxAbs(wanted);
}

// A test for each instruction set, by its number in Highway's list.
class Targets : public testing::TestWithParam<size_t> {
 protected:
  void SetUp() override {
    at::manual_seed(11);
    hwy::SetSupportedTargetsForTest(hwy::SupportedAndGeneratedTargets().at(GetParam()));
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  void TearDown() override {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};
std::string TargetOf(const testing::TestParamInfo<size_t>& info) {
  return hwy::TargetName(hwy::SupportedAndGeneratedTargets().at(info.param));
}
INSTANTIATE_TEST_SUITE_P(Fused, Targets,
                         testing::Range(size_t{0}, hwy::SupportedAndGeneratedTargets().size()), TargetOf);

struct NumberType {
  at::ScalarType scalar;
  double tolerance;
};
const std::vector<NumberType> kTypes = {{at::kFloat, 2e-6}, {at::kBFloat16, 1e-2}};

TEST_P(Targets, Bf16IsRoundedAsPyTorchRoundsIt) {
  std::vector<float> values = {0.0F, -0.0F, 1.0F, 65504.0F, 1e-40F, 3.4e38F, -3.4e38F};
  for (const uint32_t bits : {0x3F808000U, 0x3F818000U, 0x3F807FFFU, 0x3F808001U, 0x7F800000U, 0xFF800000U,
                              0x7FFFFFFFU, 0x7F800001U, 0xFFC00000U, 0x7F7FFFFFU}) {
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    values.push_back(value);
  }
  while (values.size() % 64 != 3) values.push_back(static_cast<float>(values.size()) * 1.2345F);
  std::vector<c10::BFloat16> out(values.size());
  ScaleRow(values.data(), 1.0F, static_cast<int64_t>(values.size()), out.data());
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i]))
      EXPECT_TRUE(std::isnan(static_cast<float>(out[i]))) << i;
    else
      EXPECT_EQ(out[i].x, c10::BFloat16(values[i]).x) << i << ": " << values[i];
  }
}

TEST_P(Targets, ExpRowIsASoftmaxWithoutItsDivision) {
  for (const int64_t n : {1, 2, 15, 16, 17, 100, 128}) {
    const at::Tensor scores = at::randn({128}) * 30;
    std::vector<float> out(128, -1.0F);
    const float sum = ExpRow(scores.const_data_ptr<float>(), 0.25F, n, 128, out.data());
    const at::Tensor wanted = at::softmax(scores.slice(0, 0, n).to(at::kDouble) * 0.25, 0);
    for (int64_t i = 0; i < n; ++i)
      EXPECT_NEAR(out[static_cast<size_t>(i)] / sum, wanted[i].item<double>(), 1e-6) << n << " " << i;
    for (int64_t i = n; i < 128; ++i) EXPECT_EQ(out[static_cast<size_t>(i)], 0) << n << " " << i;
  }
}

TEST_P(Targets, WordsAreTransposedAndRowsInterleaved) {
  const int64_t rows = 23, columns = 12, stride = 17;
  std::vector<uint32_t> in(static_cast<size_t>(rows * stride)), out(static_cast<size_t>(columns * 64), 9);
  std::iota(in.begin(), in.end(), 0U);
  TransposeWords(in.data(), stride, rows, columns, out.data(), 64);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c)
      EXPECT_EQ(out[static_cast<size_t>(c * 64 + r)], in[static_cast<size_t>(r * stride + c)]);
  }
  EXPECT_EQ(out[static_cast<size_t>(rows)], 9U);
  std::vector<c10::BFloat16> a(37), b(37), both(74);
  for (size_t i = 0; i < a.size(); ++i) {
    a[i] = static_cast<float>(i);
    b[i] = -static_cast<float>(i);
  }
  InterleaveRows(a.data(), b.data(), 37, both.data());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(both[2 * i], a[i]);
    EXPECT_EQ(both[2 * i + 1], b[i]);
  }
}

TEST_P(Targets, ResidualLayerNormEqualsTheTextbookAndLeavesOtherRowsAlone) {
  for (const NumberType& type : kTypes) {
    for (const int64_t width : {1, 20, 64, 385, 1024}) {
      const at::Tensor x = (at::randn({5, width}) * 3 + 100).to(type.scalar);
      const at::Tensor residual = at::randn({5, width}).to(type.scalar);
      const NormParameters norm = {at::randn({width}), at::randn({width}), 1e-12};
      const at::Tensor sum = x.to(at::kDouble) + residual.to(at::kDouble);
      const at::Tensor wanted = at::layer_norm(sum, {width}, norm.weight.to(at::kDouble),
                                               norm.bias.to(at::kDouble), width == 1 ? 1.0 : 1e-12);
      at::Tensor out = at::full({5, width}, 7, x.options());
      FusedResidualLayerNorm(x, residual, {norm.weight, norm.bias, width == 1 ? 1.0 : 1e-12}, 4, &out);
      // Around 100 a float's last place is 8e-6, which the normalised values inherit.
      EXPECT_LT(RelativeError(out.slice(0, 0, 4), wanted.slice(0, 0, 4)), std::max(type.tolerance, 2e-5))
          << width;
      EXPECT_EQ(MaxAbs(out[4] - 7), 0);
    }
  }
}

TEST_P(Targets, EmbeddingsAreSummedAndNormalised) {
  for (const NumberType& type : kTypes) {
    const at::Tensor word = at::randn({9, 40}).to(type.scalar), kind = at::randn({2, 40}).to(type.scalar);
    const at::Tensor position = at::randn({12, 40}).to(type.scalar);
    const at::Tensor ids = at::randint(9, {12}, at::kLong), kinds = at::randint(2, {12}, at::kLong);
    const at::Tensor places = at::arange(12, at::kLong);
    const NormParameters norm = {at::randn({40}), at::randn({40}), 1e-12};
    const at::Tensor sum = at::embedding(word.to(at::kDouble), ids) +
                           at::embedding(kind.to(at::kDouble), kinds) +
                           at::embedding(position.to(at::kDouble), places);
    const at::Tensor wanted =
        at::layer_norm(sum, {40}, norm.weight.to(at::kDouble), norm.bias.to(at::kDouble), 1e-12);
    at::Tensor out = at::full({12, 40}, 7, word.options());
    const auto numbers = [](const at::Tensor& t) {
      return std::span(t.const_data_ptr<int64_t>(), static_cast<size_t>(t.numel()));
    };
    FusedEmbedding(word, kind, position, numbers(ids), numbers(kinds), numbers(places), norm, &out);
    EXPECT_LT(RelativeError(out, wanted), type.tolerance);
  }
}

// One window after the other, in double; keys: how many rows of each are looked at.
at::Tensor TextbookAttention(const at::Tensor& qkv, const std::vector<int64_t>& offsets,
                             const std::vector<int64_t>& keys, int64_t heads) {
  const int64_t hidden = qkv.size(1) / 3, width = hidden / heads;
  std::vector<at::Tensor> windows;
  for (size_t w = 0; w + 1 < offsets.size(); ++w) {
    const int64_t rows = offsets[w + 1] - offsets[w], seen = keys.empty() ? rows : keys[w];
    const at::Tensor part =
        qkv.narrow(0, offsets[w], rows).to(at::kDouble).view({rows, 3, heads, width}).permute({1, 2, 0, 3});
    const at::Tensor scores = at::matmul(part[0], part[1].narrow(1, 0, seen).transpose(1, 2));
    const at::Tensor weights = at::softmax(scores / std::sqrt(static_cast<double>(width)), -1);
    windows.push_back(
        at::matmul(weights, part[2].narrow(1, 0, seen)).transpose(0, 1).reshape({rows, hidden}));
  }
  return at::cat(windows);
}

std::vector<int64_t> OffsetsOf(const std::vector<int64_t>& lengths) {
  std::vector<int64_t> offsets = {0};
  for (const int64_t length : lengths) offsets.push_back(offsets.back() + length);
  return offsets;
}

// Lengths around the block of 64; an empty window; the longest that BERT has; hundreds of single pieces.
std::vector<std::vector<int64_t>> Batches() {
  return {{1}, {512}, {1, 2, 63, 0, 64, 65, 130}, {5, 384, 17}, std::vector<int64_t>(300, 1)};
}

TEST_P(Targets, PanelsAreMultipliedAsMatricesAre) {
  for (const int64_t columns : {16, 32, 48, 64}) {
    for (const int64_t rows : {1, 5, 6, 13, 64}) {
      const at::Tensor a = at::randn({rows, 70}), b = at::randn({66, 90}), before = at::randn({rows, 80});
      const at::Tensor product =
          at::matmul(a.slice(1, 0, 66).to(at::kDouble), b.slice(1, 0, columns).to(at::kDouble));
      for (const bool add : {false, true}) {
        const at::Tensor c = before.clone();
        MultiplyPanel({rows, 66, columns, 70, 90, 80, add}, a.const_data_ptr<float>(),
                      b.const_data_ptr<float>(), c.mutable_data_ptr<float>());
        const at::Tensor wanted = add ? product + before.slice(1, 0, columns) : product;
        EXPECT_LT(RelativeError(c.slice(1, 0, columns), wanted), 1e-6) << rows << " x " << columns;
        EXPECT_EQ(MaxAbs(c.slice(1, columns) - before.slice(1, columns)), 0);
      }
    }
  }
}

// Against automatic differentiation of the textbook, with lengths around a block.
TEST_P(Targets, AttentionsGradientEqualsTheTextbooks) {
  const std::vector<int64_t> offsets = OffsetsOf({1, 70, 64, 3, 150}), keys = {1, 65, 64, 2, 129};
  for (const bool pairs : {false, true}) {
    AllowPairProducts(pairs);
    for (const NumberType& type : kTypes) {
      for (const int64_t width : {5, 32, 80}) {
        const at::Tensor values = at::randn({offsets.back(), 6 * width}).to(type.scalar).to(at::kFloat);
        const at::Tensor probe = at::randn({offsets.back(), 2 * width});
        const at::Tensor x = values.clone().requires_grad_(true),
                         y = values.to(at::kDouble).requires_grad_(true);
        (TextbookAttention(y, offsets, keys, 2) * probe).sum().backward();
        const auto precision = type.scalar == at::kFloat ? Precision::kFp32 : Precision::kBf16;
        const at::Tensor got = VarlenAttention(x, at::tensor(offsets), 2, precision, {}, at::tensor(keys));
        (got * probe).sum().backward();
        EXPECT_LT(RelativeError(x.grad(), y.grad()), 4 * type.tolerance) << width << " " << pairs;
      }
    }
  }
  AllowPairProducts(true);
}

// Resuming depends on it: the mask must be the same on every machine, now and later.
TEST_P(Targets, TheKeepMaskIsTheHashOfItsKeyAndColumn) {
  std::vector<float> out(77);
  KeepRow(0xDEADBEEFU, 0x40000000U, 1.25F, 77, out.data());
  for (uint32_t i = 0; i < 77; ++i) {
    uint32_t x = 0xDEADBEEFU ^ (i * 0x9E3779B1U);
    x = (x ^ (x >> 16)) * 0x85EBCA6BU;
    x = (x ^ (x >> 13)) * 0xC2B2AE35U;
    x ^= x >> 16;
    EXPECT_EQ(out[i], x >= 0x40000000U ? 1.25F : 0.0F) << i;
  }
}

TEST_P(Targets, AttentionInBf16EqualsTheTextbookWithoutTheProcessorsBf16) {
  AllowPairProducts(false);
  const std::vector<int64_t> offsets = OffsetsOf({1, 2, 63, 0, 64, 65, 130});
  const at::Tensor qkv = at::randn({offsets.back(), 192}).to(at::kBFloat16);
  at::Tensor out = at::full({offsets.back(), 64}, 7, qkv.options());
  AttentionInto(qkv, offsets, {}, 2, &out);
  AllowPairProducts(true);
  EXPECT_LT(RelativeError(out, TextbookAttention(qkv, offsets, {}, 2)), 1e-2);
}

TEST_P(Targets, AttentionEqualsTheTextbook) {
  for (const NumberType& type : kTypes) {
    for (const int64_t width : {16, 5, 32, 64, 80}) {
      for (const auto& lengths : Batches()) {
        const std::vector<int64_t> offsets = OffsetsOf(lengths);
        const at::Tensor qkv = at::randn({offsets.back() + 3, 6 * width}).to(type.scalar);
        at::Tensor out = at::full({offsets.back() + 3, 2 * width}, 7, qkv.options());
        AttentionInto(qkv, offsets, {}, 2, &out);
        EXPECT_LT(RelativeError(out.narrow(0, 0, offsets.back()), TextbookAttention(qkv, offsets, {}, 2)),
                  type.tolerance)
            << width << " " << lengths.size();
        EXPECT_EQ(MaxAbs(out.narrow(0, offsets.back(), 3) - 7), 0);
      }
    }
  }
}

TEST_P(Targets, RowsThatAreNoKeysAreNotLookedAt) {
  const std::vector<int64_t> offsets = OffsetsOf({70, 3, 200}), keys = {1, 3, 130};
  for (const NumberType& type : kTypes) {
    const at::Tensor qkv = at::randn({273, 96}).to(type.scalar);
    at::Tensor out = at::full({273, 32}, 7, qkv.options());
    AttentionInto(qkv, offsets, keys, 1, &out);
    EXPECT_LT(RelativeError(out, TextbookAttention(qkv, offsets, keys, 1)), type.tolerance);
  }
}

TEST_P(Targets, ExtremeLogitsStayFinite) {
  const std::vector<int64_t> offsets = {0, 100};
  const at::Tensor qkv = at::randn({100, 96}) * 1e4;
  at::Tensor out = at::full({100, 32}, 7, qkv.options());
  AttentionInto(qkv, offsets, {}, 1, &out);
  EXPECT_TRUE(at::isfinite(out).all().item<bool>());
  EXPECT_LT(RelativeError(out, TextbookAttention(qkv, offsets, {}, 1)), 1e-4);
}

}  // namespace
}  // namespace bv::kernels
