#include "states/window_states.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/tanh.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/hash.h"
#include "base/strings.h"
#include "store/store_index.h"

namespace bv {
namespace {

// The [CLS] pieces as windows of one token.
PackedTokens ClsTokens(const PackedTokens& tokens, const at::Tensor& cls) {
  return {tokens.ids.index_select(0, cls), tokens.type_ids.index_select(0, cls),
          tokens.positions.index_select(0, cls), at::arange(cls.size(0) + 1, at::kLong)};
}

}  // namespace

PackedTokens PackWindows(std::span<const Window* const> windows) {
  std::vector<TokenSpan> spans;
  spans.reserve(windows.size());
  for (const Window* window : windows) spans.push_back({window->ids, window->type_ids, window->padding});
  return PackTokens(spans);
}

void RequireRowsFor(const Task& task, bool cls_only) {
  if (!task.of_spans() || !cls_only) return;
  throw Error(
      ErrorKind::kUsage,
      "[CLS] rows (--cls-only) hold no place of an answer; give --task answerability, or keep all pieces");
}

Pooler PoolerOf(const BertWeights& weights) {
  if (weights.pooler.empty()) return {};
  return {weights.pooler[0].tensor.detach(), weights.pooler[1].tensor.detach()};
}

at::Tensor Pooler::operator()(const at::Tensor& rows) const {
  return at::tanh(at::linear(rows.to(at::kFloat), weight, bias));
}

uint64_t Pooler::fingerprint() const {
  Xxh3 hash;
  for (const at::Tensor& tensor : {weight, bias}) {
    const at::Tensor dense = tensor.contiguous();
    hash.Update(dense.const_data_ptr(), static_cast<size_t>(dense.nbytes()));
  }
  return hash.Digest();
}

WindowStates::WindowStates(const Encoder& encoder, std::vector<int32_t> layers)
    : WindowStates(encoder, std::move(layers), false, {}) {}

WindowStates WindowStates::OfClsRows(const Encoder& encoder, std::vector<int32_t> layers,
                                     const Pooler& pooler) {
  return {encoder, std::move(layers), true, pooler};
}

WindowStates::WindowStates(const Encoder& encoder, std::vector<int32_t> layers, bool cls_only,
                           const Pooler& pooler)
    : encoder_(encoder), layers_(std::move(layers)), cls_only_(cls_only), pooler_(pooler) {
  const int64_t all = encoder.config().state_layers();
  const int32_t lowest = cls_only ? kPooledState : 0;
  if (layers_.empty()) {
    const int32_t first = pooler.defined() ? lowest : 0;
    layers_.resize(static_cast<size_t>(all - first));
    std::iota(layers_.begin(), layers_.end(), first);
  }
  slot_.assign(static_cast<size_t>(all), -1);
  for (size_t i = 0; i < layers_.size(); ++i) {
    const int32_t layer = layers_[i];
    if (layer < lowest || layer >= all || (i > 0 && layers_[i - 1] >= layer)) {
      throw Error(ErrorKind::kUsage,
                  Cat("layers: found ", layer, i > 0 ? Cat(" after ", layers_[i - 1]) : "", ", allowed are ",
                      lowest, " to ", all - 1, " in rising order (0 = embeddings)"));
    }
    if (layer == kPooledState && !pooler.defined()) {
      throw Error(ErrorKind::kData,
                  "the pooled state is asked for, but the model has no pooler (pooler.dense)");
    }
    if (layer >= 0) slot_[static_cast<size_t>(layer)] = static_cast<int64_t>(i);
  }
}

WindowStates::Result WindowStates::Compute(std::span<const Window* const> windows) const {
  const at::NoGradGuard no_grad;
  Result result = {PackWindows(windows), at::Tensor()};
  const int64_t rows_of_all = result.tokens.ids.size(0);
  const at::Tensor cls = result.tokens.offsets.slice(0, 0, -1);
  const bool pooled = layers_.front() == kPooledState;
  const int64_t last = pooled ? encoder_.config().num_layers : layers_.back();
  encoder_.Forward(result.tokens, last, [&](int64_t layer, const at::Tensor& state) {
    if (!result.states.defined()) {
      const int64_t rows = cls_only_ ? cls.size(0) : rows_of_all;
      result.states = at::empty({rows, static_cast<int64_t>(layers_.size()), state.size(1)}, state.options());
    }
    const int64_t slot = slot_[static_cast<size_t>(layer)];
    const at::Tensor kept = cls_only_ ? state.index_select(0, cls) : state;
    if (slot >= 0) result.states.select(1, slot).copy_(kept);
    if (pooled && layer == last) result.states.select(1, 0).copy_(pooler_(kept));
  });
  if (cls_only_) result.tokens = ClsTokens(result.tokens, cls);
  return result;
}

std::vector<std::vector<int64_t>> BatchesByLength(const std::vector<Window>& windows, int64_t max_tokens) {
  std::vector<int64_t> order(windows.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  const auto length = [&](int64_t i) {
    return static_cast<int64_t>(windows[static_cast<size_t>(i)].ids.size());
  };
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return length(a) > length(b); });
  std::vector<std::vector<int64_t>> batches;
  int64_t tokens = 0;
  for (const int64_t window : order) {
    if (batches.empty() || tokens + length(window) > max_tokens) {
      batches.emplace_back();
      tokens = 0;
    }
    batches.back().push_back(window);
    tokens += length(window);
  }
  return batches;
}

}  // namespace bv
