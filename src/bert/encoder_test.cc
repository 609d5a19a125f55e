#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/file.h"
#include "base/model_folder.h"
#include "bert/encoder.h"
#include "bert/inference_encoder.h"
#include "bert/weights.h"

namespace bv {
namespace {

const fs::path kFixtures = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert";

double MaxAbs(const at::Tensor& x) {
  return at::abs(x.to(at::kFloat)).max().item<double>();
}
double RelativeError(const at::Tensor& got, const at::Tensor& wanted) {
  return MaxAbs(got.to(at::kFloat) - wanted) / MaxAbs(wanted);
}

PackedTokens Tokens(const TensorFile& file) {
  PackedTokens tokens = {file.Get("ids").clone(), file.Get("type_ids").clone(), at::Tensor(),
                         file.Get("offsets").clone()};
  std::vector<at::Tensor> positions;
  const auto* offsets = tokens.offsets.const_data_ptr<int64_t>();
  for (int64_t w = 0; w + 1 < tokens.offsets.size(0); ++w)
    positions.push_back(at::arange(offsets[w + 1] - offsets[w]));
  tokens.positions = at::cat(positions).to(at::kLong);
  return tokens;
}

std::vector<at::Tensor> AllStates(const InferenceEncoder& encoder, const PackedTokens& tokens) {
  std::vector<int32_t> layers(static_cast<size_t>(encoder.config().state_layers()));
  std::iota(layers.begin(), layers.end(), 0);
  return encoder.States(tokens, layers).unbind(1);
}

// The largest relative distance of any layer from what transformers computed.
double WorstLayer(const fs::path& folder, const std::string& fixture, Precision precision) {
  const TensorFile expected(kFixtures / fixture / "expected.safetensors");
  const auto states = AllStates(InferenceEncoder(LoadBert(folder), precision), Tokens(expected));
  const at::Tensor wanted = expected.Get("states");
  EXPECT_EQ(static_cast<int64_t>(states.size()), wanted.size(0));
  const int64_t every = states[0].size(1) / wanted.size(2);
  double worst = 0;
  for (int64_t layer = 0; layer < wanted.size(0); ++layer) {
    const at::Tensor sampled = states[static_cast<size_t>(layer)].slice(1, 0, std::nullopt, every);
    worst = std::max(worst, RelativeError(sampled, wanted[layer]));
  }
  return worst;
}

TEST(Encoder, StatesEqualTransformersOnOtherShapesNamesAndTypes) {
  for (const auto* name :
       {"qa", "model-relu", "pretraining-gelu-new-bf16", "classification-silu-f16", "masked-lm-gelu"}) {
    EXPECT_LT(WorstLayer(kFixtures / name, name, Precision::kFp32), 2e-5) << name;
  }
}

TEST(Encoder, StatesEqualTransformersOnMiniLm) {
  EXPECT_LT(WorstLayer(FindModelFolder("minilm"), "minilm", Precision::kFp32), 2e-5);
}

TEST(Encoder, Bf16StaysWithinItsStatedDistance) {
  EXPECT_LT(WorstLayer(FindModelFolder("minilm"), "minilm", Precision::kBf16), 0.03);
  EXPECT_LT(WorstLayer(kFixtures / "qa", "qa", Precision::kBf16), 0.03);
}

// The stated tolerance for batch neighbours: products of other heights may sum in another order.
TEST(Encoder, NeighboursInTheBatchDoNotMatter) {
  const TensorFile expected(kFixtures / "minilm" / "expected.safetensors");
  const InferenceEncoder encoder(LoadBert(FindModelFolder("minilm")), Precision::kFp32);
  const PackedTokens all = Tokens(expected);
  const auto together = AllStates(encoder, all);
  const auto* offsets = all.offsets.const_data_ptr<int64_t>();
  for (int64_t w = 0; w + 1 < all.offsets.size(0); ++w) {
    const auto cut = [&](const at::Tensor& t) { return t.slice(0, offsets[w], offsets[w + 1]); };
    const PackedTokens one = {cut(all.ids), cut(all.type_ids), cut(all.positions),
                              at::tensor({int64_t{0}, offsets[w + 1] - offsets[w]})};
    const auto alone = AllStates(encoder, one);
    for (size_t layer = 0; layer < alone.size(); ++layer)
      EXPECT_LT(RelativeError(cut(together[layer]), alone[layer]), 2e-6);
  }
}

// bert/qa-padded: windows filled up with [PAD], which transformers masked (make_padding.py).
struct Padded {
  TensorFile file{kFixtures / "qa-padded" / "expected.safetensors"};
  std::vector<int32_t> ids;
  std::vector<uint8_t> types;
  int64_t places = 0;

  Padded() {
    const at::Tensor all_ids = file.Get("ids"), all_types = file.Get("type_ids");
    for (int64_t i = 0; i < all_ids.numel(); ++i) {
      ids.push_back(static_cast<int32_t>(all_ids[i].item<int64_t>()));
      types.push_back(static_cast<uint8_t>(all_types[i].item<int64_t>()));
    }
    places = all_ids.numel() / windows();
  }
  int64_t windows() const { return file.Get("lengths").numel(); }
  int64_t length(int64_t window) const { return file.Get("lengths")[window].item<int64_t>(); }
  // With their padding, or without.
  PackedTokens Tokens(bool padded) const {
    std::vector<TokenSpan> spans;
    for (int64_t w = 0; w < windows(); ++w) {
      const auto begin = static_cast<size_t>(w * places);
      const auto count = static_cast<size_t>(padded ? places : length(w));
      spans.push_back({std::span(ids).subspan(begin, count), std::span(types).subspan(begin, count),
                       padded ? places - length(w) : 0});
    }
    return PackTokens(spans);
  }
};

TEST(Encoder, StatesOfPaddedWindowsEqualTransformersPaddingIncluded) {
  const Padded padded;
  const InferenceEncoder encoder(LoadBert(kFixtures / "qa"), Precision::kFp32);
  const auto states = AllStates(encoder, padded.Tokens(true));
  const at::Tensor wanted = padded.file.Get("states");
  ASSERT_EQ(static_cast<int64_t>(states.size()), wanted.size(0));
  for (size_t layer = 0; layer < states.size(); ++layer)
    EXPECT_LT(RelativeError(states[layer], wanted[static_cast<int64_t>(layer)]), 2e-5) << layer;
}

TEST(Encoder, PaddingDoesNotChangeTheStatesOfPieces) {
  const Padded padded;
  const InferenceEncoder encoder(LoadBert(kFixtures / "qa"), Precision::kFp32);
  const auto with = AllStates(encoder, padded.Tokens(true)),
             without = AllStates(encoder, padded.Tokens(false));
  for (size_t layer = 0; layer < with.size(); ++layer) {
    int64_t begin = 0;
    for (int64_t w = 0; w < padded.windows(); begin += padded.length(w), ++w) {
      const at::Tensor pieces = with[layer].narrow(0, w * padded.places, padded.length(w));
      EXPECT_LT(RelativeError(pieces, without[layer].narrow(0, begin, padded.length(w))), 2e-6);
    }
  }
}

TEST(Encoder, GradientsThroughPaddedWindowsEqualPyTorchs) {
  const Padded padded;
  const BertWeights weights = LoadBert(kFixtures / "qa");
  for (const auto* list : {&weights.encoder, &weights.output}) {
    for (const auto& entry : *list) entry.tensor.requires_grad_(true);
  }
  const at::Tensor last = Encoder(weights, Precision::kFp32).Forward(padded.Tokens(true));
  const at::Tensor logits = at::linear(last, weights.output[0].tensor, weights.output[1].tensor);
  const at::Tensor grid = logits.view({padded.windows(), padded.places, 2});
  const at::Tensor loss = (at::cross_entropy_loss(grid.select(2, 0), padded.file.Get("start")) +
                           at::cross_entropy_loss(grid.select(2, 1), padded.file.Get("end"))) /
                          2;
  EXPECT_NEAR(loss.item<double>(), padded.file.Get("loss").item<double>(), 1e-5);
  loss.backward();
  for (const auto* list : {&weights.encoder, &weights.output}) {
    for (const auto& [name, tensor] : *list) {
      const at::Tensor wanted = padded.file.Get("grad." + name);
      const double scale = std::max(MaxAbs(wanted), 0.01);
      // transformers never trains the row of [PAD] (torch's padding_idx); here, as in the study's TensorFlow,
      // it is a row like all others.
      const int64_t first = name == "embeddings.word_embeddings.weight" ? 1 : 0;
      EXPECT_LT(MaxAbs((tensor.grad() - wanted).slice(0, first)), 2e-5 * scale) << name;
    }
  }
}

struct SpanLoss {
  explicit SpanLoss(const std::string& fixture, bool dropout = false)
      : file(kFixtures / fixture / "expected.safetensors"),
        weights(LoadBert(kFixtures / fixture)),
        with_dropout(dropout) {
    for (auto* list : {&weights.encoder, &weights.output}) {
      for (auto& entry : *list) entry.tensor.requires_grad_(true);
    }
  }
  // Mean of the start and end cross-entropies over the fixture's windows.
  at::Tensor Value() const {
    const Encoder encoder(weights, Precision::kFp32);
    const PackedTokens tokens = Tokens(file);
    const at::Tensor last = with_dropout ? encoder.ForwardWithDropout(tokens, 42) : encoder.Forward(tokens);
    const at::Tensor logits = at::linear(last, weights.output[0].tensor, weights.output[1].tensor);
    const auto* offsets = tokens.offsets.const_data_ptr<int64_t>();
    std::vector<at::Tensor> losses;
    for (int64_t w = 0; w + 1 < tokens.offsets.size(0); ++w) {
      const at::Tensor window = logits.slice(0, offsets[w], offsets[w + 1]).t();
      losses.push_back(at::cross_entropy_loss(window, at::stack({file.Get("start")[w], file.Get("end")[w]})));
    }
    return at::stack(losses).mean();
  }
  TensorFile file;
  BertWeights weights;
  bool with_dropout;
};

TEST(Encoder, EveryGradientEqualsPyTorchs) {
  const SpanLoss loss("qa");
  loss.Value().backward();
  for (const auto* list : {&loss.weights.encoder, &loss.weights.output}) {
    for (const auto& [name, tensor] : *list) {
      const at::Tensor wanted = loss.file.Get("grad." + name);
      // Some gradients are zero but for rounding: a bias that moves all scores of a softmax alike.
      const double scale = std::max(MaxAbs(wanted), 0.01);
      EXPECT_LT(MaxAbs(tensor.grad() - wanted), 2e-5 * scale) << name;
    }
  }
}

TEST(Encoder, GradientsWithDropoutPassAFiniteDifferenceCheck) {
  const SpanLoss loss("qa", /*dropout=*/true);
  loss.Value().backward();
  for (const auto* list : {&loss.weights.encoder, &loss.weights.output}) {
    for (const auto& [name, tensor] : *list) {
      if (name.ends_with("key.bias")) continue;
      const at::NoGradGuard no_grad;
      // Along the gradient the slope is its length; the step is large for fp32's sake, so it is scaled to it.
      const double length = tensor.grad().norm().item<double>();
      constexpr double step = 3e-2;
      const at::Tensor direction = tensor.grad() / length, saved = tensor.clone();
      tensor.copy_(saved + step * direction);
      const double up = loss.Value().item<double>();
      tensor.copy_(saved - step * direction);
      const double down = loss.Value().item<double>();
      tensor.copy_(saved);
      EXPECT_NEAR((up - down) / (2 * step), length, 0.02 * length + 1e-4) << name;
    }
  }
}

TEST(Encoder, IdsAndLengthsOutsideTheModelAreErrors) {
  const InferenceEncoder encoder(LoadBert(kFixtures / "qa"), Precision::kFp32);
  const std::vector<int32_t> layers = {0};
  const std::vector<int32_t> bad_ids = {2, 24, 3};
  const std::vector<uint8_t> types(100, 0);
  const TokenSpan bad[] = {{bad_ids, std::span(types).first(3)}};
  EXPECT_THROW(encoder.States(PackTokens(bad), layers), Error);
  const std::vector<int32_t> long_ids(65, 5);
  const TokenSpan too_long[] = {{long_ids, std::span(types).first(65)}};
  EXPECT_THROW(encoder.States(PackTokens(too_long), layers), Error);
}

}  // namespace
}  // namespace bv
