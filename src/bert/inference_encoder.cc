#include "bert/inference_encoder.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/max.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <atomic>

#include "base/error.h"
#include "base/rng.h"
#include "base/strings.h"
#include "bert/named_weights.h"

namespace bv {

using kernels::Int8Input;
using kernels::Linear;
using kernels::NormParameters;

namespace {

// Pieces of a chunk: enough for the products to run at full speed, few enough for what passes between them to
// stay in a core's second-level cache.
constexpr int64_t kChunkPieces = 2048;
// Fewer than this make the products slow, so a small batch is not cut further.
constexpr int64_t kFewPieces = 64;
// Heights of products are rounded up to these, since oneDNN prepares code for every new one.
constexpr int64_t kHeightStep = 64;

// Windows [first, last) of a batch.
struct Windows {
  int64_t first, last;
};

// Whole windows of about kChunkPieces pieces each; fewer pieces where there would not be a chunk for every
// thread.
std::vector<Windows> Cut(std::span<const int64_t> offsets, int64_t threads) {
  const int64_t share = (offsets.back() + threads - 1) / threads;
  const int64_t most = std::clamp(share, kFewPieces, kChunkPieces);
  const auto windows = static_cast<int64_t>(offsets.size()) - 1;
  std::vector<Windows> chunks;
  int64_t begin = 0;
  for (int64_t w = 0; w < windows; ++w) {
    const int64_t end = offsets[static_cast<size_t>(w) + 1];
    if (chunks.empty() || end - begin > most) {
      begin = offsets[static_cast<size_t>(w)];
      chunks.push_back({w, w});
    }
    chunks.back().last = w + 1;
  }
  return chunks;
}

// What comes out of these activations is hardly below 0: nearly all of the 256 values are for what is above.
int32_t ZeroAfter(kernels::Activation activation) {
  using kernels::Activation;
  switch (activation) {
    case Activation::kGeluErf:
    case Activation::kGeluTanh:
    case Activation::kQuickGelu:
    case Activation::kSilu:
    case Activation::kMish:
    case Activation::kRelu:
    case Activation::kSigmoid:
      return 24;
    default:
      return 128;
  }
}

// *sizes [in] becomes the largest of itself and of the columns of the first rows of x.
void Enlarge(const at::Tensor& x, int64_t rows, at::Tensor* sizes) {
  const at::Tensor largest = x.narrow(0, 0, rows).abs().amax(0).to(at::kFloat);
  *sizes = sizes->defined() ? at::max(*sizes, largest) : largest;
}

std::span<const int64_t> Numbers(const at::Tensor& tensor) {
  if (!tensor.defined()) return {};
  return {tensor.const_data_ptr<int64_t>(), static_cast<size_t>(tensor.numel())};
}

}  // namespace

InferenceEncoder::InferenceEncoder(const BertWeights& weights, Precision precision)
    : config_(weights.config), activation_(kernels::ParseActivation(weights.config.hidden_act)) {
  const at::NoGradGuard no_grad;
  const NamedWeights named(weights);
  const auto type = precision == Precision::kFp32 ? at::kFloat : at::kBFloat16;
  const auto table = [&](const char* name) { return named[name].detach().to(type).contiguous(); };
  const auto norm = [&](const std::string& name) {
    return NormParameters{named[name + ".weight"].detach().to(at::kFloat).contiguous(),
                          named[name + ".bias"].detach().to(at::kFloat).contiguous(), config_.layer_norm_eps};
  };
  const auto dense = [&](const std::string& name, const Int8Input& input) {
    return Linear::Packed(named[name + ".weight"], named[name + ".bias"], precision, input);
  };
  std::vector<ChannelSizes> sizes(static_cast<size_t>(config_.num_layers));
  if (precision == Precision::kInt8) sizes = MeasureChannels(weights);
  word_ = table("embeddings.word_embeddings.weight");
  position_ = table("embeddings.position_embeddings.weight");
  type_ = table("embeddings.token_type_embeddings.weight");
  embedding_norm_ = norm("embeddings.LayerNorm");
  for (int64_t i = 0; i < config_.num_layers; ++i) {
    const std::string prefix = Cat("encoder.layer.", i, ".");
    const ChannelSizes& channels = sizes[static_cast<size_t>(i)];
    layers_.push_back({Linear::Packed(at::cat(named.Qkv(i, "weight")), at::cat(named.Qkv(i, "bias")),
                                      precision, {channels.qkv}),
                       dense(prefix + "attention.output.dense", {channels.attention_output}),
                       dense(prefix + "intermediate.dense", {channels.intermediate}),
                       dense(prefix + "output.dense", {.sizes = {}, .zero = ZeroAfter(activation_)}),
                       norm(prefix + "attention.output.LayerNorm"), norm(prefix + "output.LayerNorm")});
  }
}

// One call of States: the batch, what is kept of it, and the way of a chunk through the layers.
class InferenceEncoder::Pass {
 public:
  Pass(const InferenceEncoder& encoder, const PackedTokens& tokens, std::span<const int32_t> layers,
       Rows rows)
      : encoder_(encoder),
        layers_(layers),
        rows_(rows),
        ids_(Numbers(tokens.ids)),
        types_(Numbers(tokens.type_ids)),
        positions_(Numbers(tokens.positions)),
        offsets_(Numbers(tokens.offsets)),
        keys_(Numbers(tokens.keys)) {
    const auto kept = static_cast<int64_t>(rows == Rows::kAll ? ids_.size() : offsets_.size() - 1);
    states_ = at::empty({kept, static_cast<int64_t>(layers.size()), encoder.config_.hidden_size},
                        encoder.word_.options());
  }

  // What products are given becomes part of `sizes`, one entry a layer. For batches of one window.
  void Watch(std::vector<ChannelSizes>* sizes) { watched_ = sizes; }

  at::Tensor Run() {
    const int64_t threads = at::get_num_threads();
    const std::vector<Windows> chunks = Cut(offsets_, threads);
    const auto count = static_cast<int64_t>(chunks.size());
    if (count < threads) {  // the threads share the work within a chunk instead
      for (const Windows& chunk : chunks) RunChunk(chunk);
      return states_;
    }
    std::atomic<int64_t> next = 0;
    at::parallel_for(0, threads, 1, [&](int64_t, int64_t) {
      const at::NoGradGuard no_grad;
      for (int64_t i = next++; i < count; i = next++) RunChunk(chunks[static_cast<size_t>(i)]);
    });
    return states_;
  }

 private:
  void RunChunk(const Windows& chunk) {
    const auto first = static_cast<size_t>(chunk.first),
               windows = static_cast<size_t>(chunk.last - chunk.first);
    const int64_t begin = offsets_[first], pieces = offsets_[first + windows] - begin;
    std::vector<int64_t> offsets(offsets_.begin() + chunk.first, offsets_.begin() + chunk.last + 1);
    for (int64_t& offset : offsets) offset -= begin;
    const auto keys = keys_.empty() ? keys_ : keys_.subspan(first, windows);
    const auto of_chunk = [&](std::span<const int64_t> all) {
      return all.subspan(static_cast<size_t>(begin), static_cast<size_t>(pieces));
    };
    const int64_t height = (pieces + kHeightStep - 1) / kHeightStep * kHeightStep;
    at::Tensor x = at::zeros({height, encoder_.config_.hidden_size}, encoder_.word_.options());
    kernels::FusedEmbedding(encoder_.word_, encoder_.type_, encoder_.position_, of_chunk(ids_),
                            of_chunk(types_), of_chunk(positions_), encoder_.embedding_norm_, &x);
    size_t slot = 0;
    for (int32_t layer = 0;; ++layer) {
      if (layers_[slot] == layer) Keep(x, chunk, offsets, slot++);
      if (slot == layers_.size()) return;
      const auto number = static_cast<size_t>(layer);
      ChannelSizes* sizes = watched_ == nullptr ? nullptr : &(*watched_)[number];
      x = RunLayer(encoder_.layers_[number], x, pieces, offsets, keys, sizes);
    }
  }

  // x [height, H]: `pieces` rows that count and some below them that only fill the products up.
  at::Tensor RunLayer(const Layer& layer, const at::Tensor& x, int64_t pieces,
                      std::span<const int64_t> offsets, std::span<const int64_t> keys,
                      ChannelSizes* sizes) const {
    const at::Tensor attended = Attend(layer.qkv(x), offsets, keys);
    at::Tensor middle = layer.attention_output(attended);
    kernels::FusedResidualLayerNorm(middle, x, layer.attention_norm, pieces, &middle);
    if (sizes != nullptr) {
      Enlarge(x, pieces, &sizes->qkv);
      Enlarge(attended, pieces, &sizes->attention_output);
      Enlarge(middle, pieces, &sizes->intermediate);
    }
    at::Tensor out = layer.output(layer.intermediate(middle, encoder_.activation_));
    kernels::FusedResidualLayerNorm(out, middle, layer.output_norm, pieces, &out);
    return out;
  }

  at::Tensor Attend(const at::Tensor& qkv, std::span<const int64_t> offsets,
                    std::span<const int64_t> keys) const {
    const int64_t heads = encoder_.config_.num_heads, hidden = encoder_.config_.hidden_size;
    at::Tensor attended = at::zeros({qkv.size(0), hidden}, qkv.options());
    kernels::AttentionInto(qkv, offsets, keys, heads, &attended);
    return attended;
  }

  void Keep(const at::Tensor& x, const Windows& chunk, const std::vector<int64_t>& offsets, size_t slot) {
    const at::Tensor of_layer = states_.select(1, static_cast<int64_t>(slot));
    if (rows_ == Rows::kAll) {
      const int64_t begin = offsets_[static_cast<size_t>(chunk.first)];
      of_layer.narrow(0, begin, offsets.back()).copy_(x.narrow(0, 0, offsets.back()));
      return;
    }
    const int64_t windows = chunk.last - chunk.first;
    const at::Tensor firsts = at::tensor(offsets, at::kLong).narrow(0, 0, windows);
    of_layer.narrow(0, chunk.first, windows).copy_(x.index_select(0, firsts));
  }

  const InferenceEncoder& encoder_;
  std::span<const int32_t> layers_;
  Rows rows_;
  std::span<const int64_t> ids_, types_, positions_, offsets_, keys_;
  at::Tensor states_;
  std::vector<ChannelSizes>* watched_ = nullptr;
};

// Random pieces show it as well as texts do: what makes a channel large is the model, not what is said.
std::vector<InferenceEncoder::ChannelSizes> InferenceEncoder::MeasureChannels(const BertWeights& weights) {
  constexpr int64_t kWindows = 16, kPieces = 64;
  const BertConfig& config = weights.config;
  const auto length = static_cast<size_t>(std::min(kPieces, config.max_positions));
  Rng random(SubSeed(0, "channel sizes"));
  std::vector<int32_t> ids(length * kWindows);
  for (int32_t& id : ids) id = static_cast<int32_t>(random.Below(static_cast<uint64_t>(config.vocab_size)));
  const std::vector<uint8_t> types(length, 0);
  const InferenceEncoder encoder(weights, Precision::kBf16);
  const std::vector<int32_t> last = {static_cast<int32_t>(config.num_layers)};
  std::vector<ChannelSizes> sizes(static_cast<size_t>(config.num_layers));
  // One window after the other, so that the sizes do not depend on how many threads there are.
  for (size_t w = 0; w < kWindows; ++w) {
    const TokenSpan window[] = {{std::span(ids).subspan(w * length, length), types}};
    const PackedTokens tokens = PackTokens(window);
    Pass pass(encoder, tokens, last, Rows::kAll);
    pass.Watch(&sizes);
    pass.Run();
  }
  return sizes;
}

at::Tensor InferenceEncoder::States(const PackedTokens& tokens, std::span<const int32_t> layers,
                                    Rows rows) const {
  const at::NoGradGuard no_grad;
  CheckTokens(tokens, config_);
  return Pass(*this, tokens, layers, rows).Run();
}

}  // namespace bv
