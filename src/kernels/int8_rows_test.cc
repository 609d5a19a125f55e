// Every instruction set that this processor has must give the same bytes.
#include "kernels/int8_rows.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace bv::kernels {
namespace {

class Int8Rows : public testing::TestWithParam<size_t> {
 protected:
  void SetUp() override {
    hwy::SetSupportedTargetsForTest(hwy::SupportedAndGeneratedTargets().at(GetParam()));
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  void TearDown() override {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};
INSTANTIATE_TEST_SUITE_P(Targets, Int8Rows,
                         testing::Range(size_t{0}, hwy::SupportedAndGeneratedTargets().size()));

std::vector<float> Numbers(size_t count, float spread, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, spread);
  std::vector<float> numbers(count);
  for (float& number : numbers) number = normal(random);
  return numbers;
}

// What QuantizeRow is, one number after the other.
float Plain(const std::vector<float>& x, const std::vector<float>& factors, std::vector<int8_t>* out) {
  float largest = 0;
  for (size_t i = 0; i < x.size(); ++i) largest = std::max(largest, std::abs(x[i] * factors[i]));
  for (size_t i = 0; i < x.size(); ++i)
    (*out)[i] = largest > 0 ? static_cast<int8_t>(std::lrint(x[i] * factors[i] * (127.0F / largest))) : 0;
  return largest / 127.0F;
}

TEST_P(Int8Rows, AreThoseOfPlainArithmeticToTheByte) {
  for (const size_t n : {1U, 3U, 16U, 37U, 64U, 384U, 1023U}) {
    for (const float spread : {1e-30F, 1.0F, 1e30F}) {
      const auto x = Numbers(n, spread, 1), factors = Numbers(n, 0.3F, 2);
      std::vector<int8_t> got(n, 99), wanted(n);
      const float scale = Plain(x, factors, &wanted);
      EXPECT_EQ(QuantizeRow(x.data(), factors.data(), static_cast<int64_t>(n), got.data()), scale);
      EXPECT_EQ(got, wanted) << n;
      EXPECT_EQ(std::max(*std::max_element(got.begin(), got.end()),
                         static_cast<int8_t>(-*std::min_element(got.begin(), got.end()))),
                127);
      std::vector<float> back(n);
      DequantizeRow(got.data(), factors.data(), static_cast<int64_t>(n), back.data());
      for (size_t i = 0; i < n; ++i) EXPECT_EQ(back[i], static_cast<float>(got[i]) * factors[i]);
    }
  }
}

TEST_P(Int8Rows, ZerosStayZeros) {
  const std::vector<float> x(40, 0.0F), factors(40, 2.0F);
  std::vector<int8_t> out(40, 7);
  EXPECT_EQ(QuantizeRow(x.data(), factors.data(), 40, out.data()), 0.0F);
  EXPECT_EQ(out, std::vector<int8_t>(40, 0));
}

std::vector<c10::BFloat16> Rounded(const std::vector<float>& numbers) {
  return {numbers.begin(), numbers.end()};
}

TEST_P(Int8Rows, UnsignedOnesHoldEveryNumberWithinHalfAStep) {
  for (const int32_t zero : {24, 128}) {
    for (const size_t n : {1U, 3U, 16U, 37U, 384U, 1023U}) {
      const auto x = Rounded(Numbers(n, 2, 1));
      const auto factors = Numbers(n, 0.3F, 2);
      std::vector<uint8_t> out(n);
      const float scale =
          QuantizeUnsignedRow(x.data(), factors.data(), zero, static_cast<int64_t>(n), out.data());
      ASSERT_GT(scale, 0);
      bool at_the_end = false;
      for (size_t i = 0; i < n; ++i) {
        const float y = static_cast<float>(x[i]) * factors[i];
        EXPECT_LE(std::abs(static_cast<float>(out[i] - zero) * scale - y), scale * 0.5001F) << n;
        at_the_end = at_the_end || out[i] == 0 || out[i] == 255;
      }
      EXPECT_TRUE(at_the_end);  // no smaller scale would do
    }
  }
}

TEST_P(Int8Rows, UnsignedOnesAreTheSameBytesOnEveryInstructionSet) {
  const size_t n = 1023;
  const auto x = Rounded(Numbers(n, 2, 3));
  const auto factors = Numbers(n, 0.3F, 4);
  std::vector<uint8_t> here(n), first(n);
  const float scale = QuantizeUnsignedRow(x.data(), factors.data(), 24, n, here.data());
  hwy::SetSupportedTargetsForTest(hwy::SupportedAndGeneratedTargets().front());
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  EXPECT_EQ(QuantizeUnsignedRow(x.data(), factors.data(), 24, n, first.data()), scale);
  EXPECT_EQ(here, first);
}

TEST_P(Int8Rows, UnsignedZerosAreTheZero) {
  const std::vector<c10::BFloat16> x(40, 0.0F);
  const std::vector<float> factors(40, 2.0F);
  std::vector<uint8_t> out(40, 7);
  EXPECT_EQ(QuantizeUnsignedRow(x.data(), factors.data(), 24, 40, out.data()), 0.0F);
  EXPECT_EQ(out, std::vector<uint8_t>(40, 24));
}

TEST_P(Int8Rows, FinishedOnesAreScaledShiftedAndActivated) {
  for (const size_t n : {1U, 15U, 16U, 384U, 1537U}) {
    auto product = Rounded(Numbers(n, 30, 5));
    product[0] = 0;
    const auto bias = Numbers(n, 0.5F, 6);
    std::vector<c10::BFloat16> plain(n), gelu = product;
    FinishRow(product.data(), 0.07F, bias.data(), static_cast<int64_t>(n), plain.data());
    FinishGeluRow(gelu.data(), 0.07F, bias.data(), static_cast<int64_t>(n), gelu.data());  // in place
    for (size_t i = 0; i < n; ++i) {
      const double y = 0.07F * static_cast<float>(product[i]) + bias[i];
      const double wanted = 0.5 * y * std::erfc(-y / std::sqrt(2.0));
      EXPECT_NEAR(static_cast<float>(plain[i]), y, 0.004 * std::abs(y) + 1e-6);
      EXPECT_NEAR(static_cast<float>(gelu[i]), wanted, 0.004 * std::abs(wanted) + 2e-6) << y;
    }
  }
}

}  // namespace
}  // namespace bv::kernels
