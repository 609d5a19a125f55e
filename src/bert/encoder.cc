#include "bert/encoder.h"

#include <ATen/ops/add.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/layer_norm.h>

#include "base/rng.h"
#include "base/strings.h"
#include "bert/named_weights.h"

namespace bv {

using kernels::DropoutKey;
using kernels::Linear;

namespace {

// The places in the network that drop out; part of the mask's key, so their numbers never change.
enum Site : uint64_t { kEmbeddings = 0, kAttention = 1, kAttentionOutput = 2, kOutput = 3 };

DropoutKey KeyFor(const uint64_t* seed, double probability, int64_t layer, Site site) {
  if (seed == nullptr) return {};
  return {probability, Mix64(*seed, static_cast<uint64_t>(layer) * 4 + site)};
}

}  // namespace

Encoder::Encoder(const BertWeights& weights, Precision precision)
    : config_(weights.config),
      precision_(precision),
      activation_(kernels::ParseActivation(weights.config.hidden_act)) {
  const NamedWeights named(weights);
  const auto norm = [&](const std::string& name) {
    return Norm{named[name + ".weight"], named[name + ".bias"]};
  };
  const auto dense = [&](const std::string& name) {
    return Linear::Trainable(named[name + ".weight"], named[name + ".bias"], precision);
  };
  word_ = named["embeddings.word_embeddings.weight"];
  position_ = named["embeddings.position_embeddings.weight"];
  type_ = named["embeddings.token_type_embeddings.weight"];
  embedding_norm_ = norm("embeddings.LayerNorm");
  for (int64_t i = 0; i < weights.config.num_layers; ++i) {
    const std::string prefix = Cat("encoder.layer.", i, ".");
    Layer layer;
    layer.qkv_weights = named.Qkv(i, "weight");
    layer.qkv_biases = named.Qkv(i, "bias");
    layer.attention_output = dense(prefix + "attention.output.dense");
    layer.attention_norm = norm(prefix + "attention.output.LayerNorm");
    layer.intermediate = dense(prefix + "intermediate.dense");
    layer.output = dense(prefix + "output.dense");
    layer.output_norm = norm(prefix + "output.LayerNorm");
    layers_.push_back(std::move(layer));
  }
}

at::Tensor Encoder::Embed(const PackedTokens& tokens) const {
  const at::Tensor sum =
      at::add(at::add(at::embedding(word_, tokens.ids), at::embedding(type_, tokens.type_ids)),
              at::embedding(position_, tokens.positions));
  return at::layer_norm(sum, {config_.hidden_size}, embedding_norm_.weight, embedding_norm_.bias,
                        config_.layer_norm_eps);
}

at::Tensor Encoder::RunLayer(const Layer& layer, const at::Tensor& x, const PackedTokens& tokens,
                             int64_t index, const uint64_t* dropout_seed) const {
  const Linear qkv = Linear::Trainable(at::cat(layer.qkv_weights), at::cat(layer.qkv_biases), precision_);
  const double hidden_dropout = config_.hidden_dropout;
  at::Tensor attended = kernels::VarlenAttention(
      qkv(x), tokens.offsets, config_.num_heads, precision_,
      KeyFor(dropout_seed, config_.attention_dropout, index, kAttention), tokens.keys);
  attended = kernels::Dropout(layer.attention_output(attended),
                              KeyFor(dropout_seed, hidden_dropout, index, kAttentionOutput));
  const at::Tensor middle = kernels::ResidualLayerNorm(attended, x, layer.attention_norm.weight,
                                                       layer.attention_norm.bias, config_.layer_norm_eps);
  const at::Tensor out = kernels::Dropout(layer.output(layer.intermediate(middle, activation_)),
                                          KeyFor(dropout_seed, hidden_dropout, index, kOutput));
  return kernels::ResidualLayerNorm(out, middle, layer.output_norm.weight, layer.output_norm.bias,
                                    config_.layer_norm_eps);
}

at::Tensor Encoder::Run(const PackedTokens& tokens, const uint64_t* dropout_seed) const {
  CheckTokens(tokens, config_);
  at::Tensor x =
      kernels::Dropout(Embed(tokens), KeyFor(dropout_seed, config_.hidden_dropout, 0, kEmbeddings));
  for (size_t i = 0; i < layers_.size(); ++i)
    x = RunLayer(layers_[i], x, tokens, static_cast<int64_t>(i) + 1, dropout_seed);
  return x;
}

}  // namespace bv
