#include "bench/encoder_rates.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/file.h"
#include "base/testing.h"
#include "bench/made_windows.h"

namespace bv::bench {
namespace {

using testing::Each;
using testing::Gt;
using testing::SizeIs;

const fs::path kModel = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert/qa";

class EncoderRates : public testing::Test {
 protected:
  // Windows of 4 to 43 pieces.
  std::vector<Window> Windows(int64_t count) const {
    std::vector<Window> windows;
    for (int64_t i = 0; i < count; ++i)
      windows.push_back(MadeUpWindows(config_, 4 + (7 * i) % 40, 1, static_cast<uint64_t>(i)).front());
    return windows;
  }

  const BertWeights weights_ = LoadBert(kModel);
  const BertConfig& config_ = weights_.config;  // two layers, 20 wide, feed-forward 36
  const InferenceEncoder encoder_{weights_, Precision::kFp32};
  const WindowStates states_{encoder_, {}};
};

int64_t Tokens(const std::vector<Window>& windows) {
  int64_t tokens = 0;
  for (const Window& window : windows) tokens += static_cast<int64_t>(window.ids.size());
  return tokens;
}

TEST(ProductLimit, CountsEachShapeByTheTimeItTakes) {
  ProductLimit limit;
  limit.shapes = {{{1, 10}, {2, 10}, {3, 10}, {4, 10}}};
  limit.rows_per_second = {{{{1}}, {{2}}, {{4}}, {{4}}}};
  // 100 multiply-adds in 1 + 1/2 + 1/4 + 1/4 seconds.
  EXPECT_DOUBLE_EQ(limit.MultiplyAddsPerSecond(), 50);
}

TEST(EncoderRate, AShareIsUsefulWorkOverTheLimits) {
  ProductLimit limit;
  limit.shapes = {{{1, 10}, {1, 10}, {1, 10}, {1, 10}}};
  limit.rows_per_second = {{{{100}}, {{100}}, {{100}}, {{100}}}};  // 1000 multiply-adds a second
  EncoderRate rate;
  rate.tokens_per_second = {{3, 5, 4}};
  rate.multiply_adds_per_token = 150;
  EXPECT_DOUBLE_EQ(rate.ShareOf(limit), 0.6);
}

TEST_F(EncoderRates, MultiplyAddsOfWindowsAreTheHandCountedOnes) {
  // A token: 2 x (20 x 60 + 20 x 20 + 20 x 36 + 36 x 20) = 6080; in attention 2 x 2 x 20 a token it looks at.
  const std::vector<Window> windows = {MadeUpWindows(config_, 10, 1, 1).front(),
                                       MadeUpWindows(config_, 4, 1, 1).front()};
  EXPECT_DOUBLE_EQ(MultiplyAdds(config_, windows), 10 * (6080 + 80 * 10) + 4 * (6080 + 80 * 4));
}

TEST_F(EncoderRates, ProductsOfAllShapesAreTimed) {
  for (const Precision precision : {Precision::kFp32, Precision::kBf16}) {
    const ProductLimit limit = MeasureProducts(config_, precision, 64, {0.01, 2});
    EXPECT_EQ(limit.shapes[0].out, 60);
    EXPECT_EQ(limit.shapes[3].in, 36);
    for (const Rates& rates : limit.rows_per_second)
      EXPECT_THAT(rates.values, testing::AllOf(testing::Not(testing::IsEmpty()), Each(Gt(0))));
    EXPECT_TRUE(std::isfinite(limit.MultiplyAddsPerSecond()));
  }
}

TEST_F(EncoderRates, ABatchOfOneLengthIsAsLargeAsAllowed) {
  const EncoderRate rate = MeasureLength(states_, config_, 32, 100, {1, 2});
  EXPECT_EQ(rate.windows, 3);
  EXPECT_EQ(rate.tokens, 96);
  EXPECT_THAT(rate.tokens_per_second.values, testing::AllOf(SizeIs(2), Each(Gt(0))));
  EXPECT_DOUBLE_EQ(rate.multiply_adds_per_token, 6080 + 80 * 32);
  EXPECT_EQ(MeasureLength(states_, config_, 32, 8, {0, 1}).windows, 1) << "one window always fits";
}

TEST_F(EncoderRates, BatchesShrinkToTheTimeThereIsButHoldAWindow) {
  EXPECT_EQ(BatchTokens(states_, config_, 32, 0), 32);
  EXPECT_EQ(BatchTokens(states_, config_, 32, 3600), 8192);
}

TEST_F(EncoderRates, AFileIsComputedWholeWhereThereIsTime) {
  const std::vector<Window> windows = Windows(60);
  const EncoderRate rate = MeasureWindows(states_, config_, windows, 64, {60, 2});
  EXPECT_EQ(rate.windows, 60);
  EXPECT_EQ(rate.tokens, Tokens(windows));
  EXPECT_THAT(rate.tokens_per_second.values, testing::AllOf(SizeIs(2), Each(Gt(0))));
  EXPECT_DOUBLE_EQ(rate.multiply_adds_per_token,
                   MultiplyAdds(config_, windows) / static_cast<double>(Tokens(windows)));
}

TEST_F(EncoderRates, AFileIsSampledWhereThereIsNot) {
  const std::vector<Window> windows = Windows(300);
  const EncoderRate rate = MeasureWindows(states_, config_, windows, 64, {0, 25});
  EXPECT_THAT(rate.tokens_per_second.values, testing::AllOf(SizeIs(3), Each(Gt(0))));
  EXPECT_GT(rate.tokens, 0);
  EXPECT_LE(rate.tokens, 64) << "three samples of one batch each";
}

TEST_F(EncoderRates, OneWindowIsEnoughAndNoneGivesNothing) {
  EXPECT_THAT(MeasureWindows(states_, config_, Windows(1), 64, {0, 25}).tokens_per_second.values,
              testing::AllOf(SizeIs(1), Each(Gt(0))));
  EXPECT_TRUE(MeasureWindows(states_, config_, {}, 64, {1, 25}).tokens_per_second.values.empty());
}

}  // namespace
}  // namespace bv::bench
