// The BERT encoder as extraction and prediction run it: the states of all layers, no gradients. Weights are
// cast and laid out once. The windows of a batch are dealt out to the threads in chunks that fit the caches;
// each chunk goes through all layers on one thread, and its states are written where they belong as they are
// born. Immutable; safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bert/packed_tokens.h"
#include "bert/weights.h"
#include "kernels/kernels.h"

namespace bv {

class InferenceEncoder {
 public:
  // kBf16 and kInt8 give bf16 states; sums within LayerNorm and softmax are fp32 always. kInt8 runs a sample
  // of random pieces in bf16 first, which shows how large each channel is. Errors: those of Int8Product.
  InferenceEncoder(const BertWeights& weights, Precision precision);

  const BertConfig& config() const { return config_; }

  // What is kept of each window.
  enum class Rows { kAll, kFirst };
  // The states `layers` (rising; 0 = the embedding block's, the largest num_layers) as [R, layers, H], where
  // R are all N pieces, or the first of each of the B windows. Layers above the last are not computed. A
  // window's states do not depend on its neighbours but for the order of sums (a few units in the last
  // place). Errors: those of CheckTokens.
  at::Tensor States(const PackedTokens& tokens, std::span<const int32_t> layers,
                    Rows rows = Rows::kAll) const;

 private:
  struct Layer {
    kernels::Linear qkv, attention_output, intermediate, output;
    kernels::NormParameters attention_norm, output_norm;
  };
  class Pass;
  // The largest value of each channel [in] that a layer's products are given.
  struct ChannelSizes {
    at::Tensor qkv, attention_output, intermediate;
  };
  static std::vector<ChannelSizes> MeasureChannels(const BertWeights& weights);

  BertConfig config_;
  kernels::Activation activation_ = kernels::Activation::kGeluErf;
  at::Tensor word_, position_, type_;  // of the precision
  kernels::NormParameters embedding_norm_;
  std::vector<Layer> layers_;
};

}  // namespace bv
