#include "store/int8_states.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace bv {
namespace {

class Int8StatesTest : public testing::Test {
 protected:
  // Some channels are large everywhere, and one token is: as BERT's are.
  Int8StatesTest() {
    at::manual_seed(3);
    states_ = at::randn({50, 3, 40});
    states_.select(2, 7) *= 40;
    states_.select(2, 9) += 25;
    states_[4] *= 12;
  }

  at::Tensor Decoded(const Int8States& states, at::ScalarType type = at::kFloat) const {
    at::Tensor out = at::empty(states.values.sizes(), type);
    DecodeInt8(states, 0, states.values.size(0), {}, out);
    return out;
  }

  at::Tensor states_;
};

TEST_F(Int8StatesTest, AnErrorIsAtMostHalfAStepOfChannelTimesToken) {
  const Int8States encoded = EncodeInt8(states_, ChannelScales(states_));
  const at::Tensor step = encoded.channel_scale.unsqueeze(0) * encoded.token_scale.unsqueeze(2);
  EXPECT_TRUE((at::abs(Decoded(encoded) - states_) <= 0.501 * step).all().item<bool>());
  EXPECT_TRUE(at::equal(
      encoded.values.to(at::kFloat) * encoded.channel_scale.unsqueeze(0) * encoded.token_scale.unsqueeze(2),
      Decoded(encoded)));
}

TEST_F(Int8StatesTest, LargeChannelsDoNotCostTheOthersTheirDigits) {
  const at::Tensor error = at::abs(Decoded(EncodeInt8(states_, ChannelScales(states_))) - states_);
  // Of channels of spread 1; with a scale for each token alone a step would be 40 * 3 / 127, nearly 1.
  EXPECT_LT(error.select(2, 0).slice(0, 0, 4).max().item<double>(), 0.02);
}

TEST_F(Int8StatesTest, ASilentChannelThatSpeaksLaterSpoilsNothing) {
  at::Tensor sample = states_.clone();
  sample.select(2, 0).zero_();
  const at::Tensor scales = ChannelScales(sample);
  EXPECT_TRUE((scales > 0).all().item<bool>());
  const at::Tensor error = at::abs(Decoded(EncodeInt8(states_, scales)) - states_);
  EXPECT_LT(error.slice(0, 0, 4).slice(2, 10).max().item<double>(), 0.2);
}

TEST_F(Int8StatesTest, ZerosStayZerosWithoutAnyScale) {
  const at::Tensor zeros = at::zeros({3, 2, 8});
  EXPECT_TRUE(at::equal(Decoded(EncodeInt8(zeros, ChannelScales(zeros))), zeros));
}

TEST_F(Int8StatesTest, PartsAndChosenLayersAreThoseOfTheWhole) {
  const Int8States encoded = EncodeInt8(states_, ChannelScales(states_));
  for (const auto type : {at::kFloat, at::kBFloat16}) {
    const at::Tensor whole = Decoded(encoded).to(type);
    at::Tensor part = at::empty({5, 2, 40}, type);
    DecodeInt8(encoded, 10, 5, {2, 0}, part);
    EXPECT_TRUE(at::equal(part.select(1, 0), whole.slice(0, 10, 15).select(1, 2)));
    EXPECT_TRUE(at::equal(part.select(1, 1), whole.slice(0, 10, 15).select(1, 0)));
  }
  EXPECT_THROW(DecodeInt8(encoded, 0, 5, {}, at::empty({5, 3, 40}, at::kHalf)), Error);
}

}  // namespace
}  // namespace bv
