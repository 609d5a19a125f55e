// The BERT encoder as fine-tuning runs it: packed, no padding of its own, everything differentiable. Its
// parameters are those of the weights it is made of, shared with the optimiser, so one thread at a time.
// InferenceEncoder is the fast way to the same states.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "bert/packed_tokens.h"
#include "bert/weights.h"
#include "kernels/kernels.h"

namespace bv {

class Encoder {
 public:
  // The encoder's tensors of `weights` themselves are the parameters and get gradients. With kBf16 the
  // factors of products are rounded to bf16; everything else stays fp32.
  Encoder(const BertWeights& weights, Precision precision);

  const BertConfig& config() const { return config_; }

  // The last state [N, H], fp32, without dropout. Errors: those of CheckTokens.
  at::Tensor Forward(const PackedTokens& tokens) const { return Run(tokens, nullptr); }
  // With the configuration's dropout; masks are a function of the seed and the place in the network alone.
  at::Tensor ForwardWithDropout(const PackedTokens& tokens, uint64_t seed) const {
    return Run(tokens, &seed);
  }

 private:
  struct Norm {
    at::Tensor weight, bias;
  };
  struct Layer {
    std::array<at::Tensor, 3> qkv_weights, qkv_biases;  // of query, key, value
    kernels::Linear attention_output, intermediate, output;
    Norm attention_norm, output_norm;
  };

  at::Tensor Run(const PackedTokens& tokens, const uint64_t* dropout_seed) const;
  at::Tensor Embed(const PackedTokens& tokens) const;
  at::Tensor RunLayer(const Layer& layer, const at::Tensor& x, const PackedTokens& tokens, int64_t index,
                      const uint64_t* dropout_seed) const;

  BertConfig config_;
  Precision precision_ = Precision::kFp32;
  kernels::Activation activation_ = kernels::Activation::kGeluErf;
  at::Tensor word_, position_, type_;
  Norm embedding_norm_;
  std::vector<Layer> layers_;
};

}  // namespace bv
