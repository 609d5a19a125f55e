// The packed BERT encoder: no padding of its own, and the states of each layer handed on as they are born. An
// Encoder is immutable once built and may be used from any thread at once; in training its parameters are
// shared with the optimiser, so one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "bert/weights.h"
#include "kernels/kernels.h"

namespace bv {

// The pieces of B windows end to end: ids, type_ids, positions [N] int64 (positions count from 0 in each
// window) and offsets [B+1] int64, ascending from 0 to N. keys [B] int64: the pieces of each window that are
// attended to, those before its padding; undefined where no window is padded. All on the CPU.
struct PackedTokens {
  at::Tensor ids, type_ids, positions, offsets;
  at::Tensor keys = {};
};

// One window: piece ids and token types of equal length. The last `padding` pieces are masked in attention as
// transformers' attention_mask does it: nothing attends to them, and they attend to all others.
struct TokenSpan {
  std::span<const int32_t> ids;
  std::span<const uint8_t> type_ids;
  int64_t padding = 0;
};

PackedTokens PackTokens(std::span<const TokenSpan> windows);

// Receives state 0 (the embedding block's output), then 1 … num_layers in order; state is [N, H].
using StateSink = std::function<void(int64_t layer, const at::Tensor& state)>;

class Encoder {
 public:
  // Weights are cast and laid out once. Precision kBf16 computes and emits bf16 throughout.
  static Encoder ForInference(const BertWeights& weights, kernels::Precision precision);
  // The encoder's tensors of `weights` themselves are the parameters and get gradients. With kBf16 the
  // factors of products are rounded to bf16; everything else stays fp32.
  static Encoder ForTraining(const BertWeights& weights, kernels::Precision precision);

  const BertConfig& config() const { return config_; }

  // Errors (kData): a window longer than max_positions, ids or types out of range.
  void Forward(const PackedTokens& tokens, const StateSink& sink) const {
    Forward(tokens, config_.num_layers, sink);
  }
  // Stops after state `last`.
  void Forward(const PackedTokens& tokens, int64_t last, const StateSink& sink) const {
    Run(tokens, last, nullptr, sink);
  }
  // With the configuration's dropout; masks are a function of the seed and the place in the network alone.
  void ForwardWithDropout(const PackedTokens& tokens, uint64_t seed, const StateSink& sink) const {
    Run(tokens, config_.num_layers, &seed, sink);
  }

 private:
  struct Norm {
    at::Tensor weight, bias;
  };
  struct Layer {
    at::Tensor qkv_parts[6];  // query, key, value: weight and bias each; training only
    kernels::Linear qkv, attention_output, intermediate, output;
    Norm attention_norm, output_norm;
  };

  static Encoder Build(const BertWeights& weights, kernels::Precision precision, bool trainable);
  void Run(const PackedTokens& tokens, int64_t last, const uint64_t* dropout_seed,
           const StateSink& sink) const;
  at::Tensor Embed(const PackedTokens& tokens) const;
  at::Tensor RunLayer(const Layer& layer, const at::Tensor& x, const PackedTokens& tokens, int64_t index,
                      const uint64_t* dropout_seed) const;
  void Check(const PackedTokens& tokens) const;

  BertConfig config_;
  kernels::Precision precision_ = kernels::Precision::kFp32;
  kernels::Activation activation_ = kernels::Activation::kGeluErf;
  bool trainable_ = false;
  at::Tensor word_, position_, type_;
  Norm embedding_norm_;
  std::vector<Layer> layers_;
};

}  // namespace bv
