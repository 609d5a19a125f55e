#include "bert/encoder.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/add.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/layer_norm.h>

#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "base/rng.h"
#include "base/strings.h"

namespace bv {

using kernels::Activation;
using kernels::DropoutKey;
using kernels::Linear;
using kernels::Precision;

namespace {

// The places in the network that drop out; part of the mask's key, so their numbers never change.
enum Site : uint64_t { kEmbeddings = 0, kAttention = 1, kAttentionOutput = 2, kOutput = 3 };

DropoutKey KeyFor(const uint64_t* seed, double probability, int64_t layer, Site site) {
  if (seed == nullptr) return {};
  return {probability, Mix64(*seed, static_cast<uint64_t>(layer) * 4 + site)};
}

void CheckRange(const at::Tensor& values, int64_t limit, const char* what) {
  const auto* data = values.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < values.numel(); ++i) {
    if (data[i] < 0 || data[i] >= limit) {
      throw Error(ErrorKind::kData, Cat(what, " ", data[i], " is outside the model's 0 to ", limit - 1,
                                        "; the tokenizer belongs to another model, or a window is too long"));
    }
  }
}

}  // namespace

PackedTokens PackTokens(std::span<const TokenSpan> windows) {
  int64_t total = 0;
  for (const auto& window : windows) total += static_cast<int64_t>(window.ids.size());
  PackedTokens packed = {at::empty({total}, at::kLong), at::empty({total}, at::kLong),
                         at::empty({total}, at::kLong),
                         at::empty({static_cast<int64_t>(windows.size()) + 1}, at::kLong)};
  const bool padded =
      std::any_of(windows.begin(), windows.end(), [](const TokenSpan& window) { return window.padding > 0; });
  if (padded) packed.keys = at::empty({static_cast<int64_t>(windows.size())}, at::kLong);
  auto* ids = packed.ids.mutable_data_ptr<int64_t>();
  auto* types = packed.type_ids.mutable_data_ptr<int64_t>();
  auto* positions = packed.positions.mutable_data_ptr<int64_t>();
  auto* offsets = packed.offsets.mutable_data_ptr<int64_t>();
  int64_t at_token = 0;
  for (size_t w = 0; w < windows.size(); ++w) {
    offsets[w] = at_token;
    if (padded)
      packed.keys.mutable_data_ptr<int64_t>()[w] =
          static_cast<int64_t>(windows[w].ids.size()) - windows[w].padding;
    for (size_t i = 0; i < windows[w].ids.size(); ++i, ++at_token) {
      ids[at_token] = windows[w].ids[i];
      types[at_token] = windows[w].type_ids[i];
      positions[at_token] = static_cast<int64_t>(i);
    }
  }
  offsets[windows.size()] = total;
  return packed;
}

Encoder Encoder::ForInference(const BertWeights& weights, Precision precision) {
  const at::NoGradGuard no_grad;
  return Build(weights, precision, false);
}

Encoder Encoder::ForTraining(const BertWeights& weights, Precision precision) {
  return Build(weights, precision, true);
}

Encoder Encoder::Build(const BertWeights& weights, Precision precision, bool trainable) {
  std::unordered_map<std::string, at::Tensor> tensors;
  for (const auto& [name, tensor] : weights.encoder) tensors.emplace(name, tensor);
  const auto dtype = precision == Precision::kBf16 && !trainable ? at::kBFloat16 : at::kFloat;
  const auto take = [&](const std::string& name) {
    return trainable ? tensors.at(name) : tensors.at(name).detach().to(dtype);
  };
  const auto norm = [&](const std::string& name) {
    return Norm{take(name + ".weight"), take(name + ".bias")};
  };
  const auto dense = [&](const std::string& name) {
    const auto &weight = tensors.at(name + ".weight"), &bias = tensors.at(name + ".bias");
    return trainable ? Linear::Trainable(weight, bias, precision) : Linear::Packed(weight, bias, precision);
  };

  Encoder encoder;
  encoder.config_ = weights.config;
  encoder.precision_ = precision;
  encoder.activation_ = kernels::ParseActivation(weights.config.hidden_act);
  encoder.trainable_ = trainable;
  encoder.word_ = take("embeddings.word_embeddings.weight");
  encoder.position_ = take("embeddings.position_embeddings.weight");
  encoder.type_ = take("embeddings.token_type_embeddings.weight");
  encoder.embedding_norm_ = norm("embeddings.LayerNorm");
  for (int64_t i = 0; i < weights.config.num_layers; ++i) {
    const std::string prefix = Cat("encoder.layer.", i, ".");
    Layer layer;
    const char* names[] = {"query", "key", "value"};
    for (size_t part = 0; part < 3; ++part) {
      layer.qkv_parts[2 * part] = tensors.at(Cat(prefix, "attention.self.", names[part], ".weight"));
      layer.qkv_parts[2 * part + 1] = tensors.at(Cat(prefix, "attention.self.", names[part], ".bias"));
    }
    if (!trainable) {
      const auto& p = layer.qkv_parts;
      layer.qkv = Linear::Packed(at::cat({p[0], p[2], p[4]}), at::cat({p[1], p[3], p[5]}), precision);
      for (auto& part : layer.qkv_parts) part = at::Tensor();
    }
    layer.attention_output = dense(prefix + "attention.output.dense");
    layer.attention_norm = norm(prefix + "attention.output.LayerNorm");
    layer.intermediate = dense(prefix + "intermediate.dense");
    layer.output = dense(prefix + "output.dense");
    layer.output_norm = norm(prefix + "output.LayerNorm");
    encoder.layers_.push_back(std::move(layer));
  }
  return encoder;
}

void Encoder::Check(const PackedTokens& tokens) const {
  CheckRange(tokens.ids, config_.vocab_size, "piece id");
  CheckRange(tokens.type_ids, config_.type_vocab_size, "token type");
  CheckRange(tokens.positions, config_.max_positions, "position");
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
  const auto& p = layer.qkv_parts;
  const Linear qkv =
      trainable_ ? Linear::Trainable(at::cat({p[0], p[2], p[4]}), at::cat({p[1], p[3], p[5]}), precision_)
                 : layer.qkv;
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

void Encoder::Run(const PackedTokens& tokens, int64_t last, const uint64_t* dropout_seed,
                  const StateSink& sink) const {
  Check(tokens);
  const at::AutoGradMode gradients(trainable_ && at::GradMode::is_enabled());
  at::Tensor x =
      kernels::Dropout(Embed(tokens), KeyFor(dropout_seed, config_.hidden_dropout, 0, kEmbeddings));
  sink(0, x);
  for (int64_t i = 1; i <= last; ++i) {
    x = RunLayer(layers_[static_cast<size_t>(i - 1)], x, tokens, i, dropout_seed);
    sink(i, x);
  }
}

}  // namespace bv
