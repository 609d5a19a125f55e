#include "states/window_states.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/tanh.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/hash.h"
#include "base/rng.h"
#include "base/strings.h"
#include "store/store_index.h"

namespace bv {

using Rows = InferenceEncoder::Rows;

namespace {

// The [CLS] pieces as windows of one token.
PackedTokens ClsTokens(const PackedTokens& tokens, const at::Tensor& cls) {
  return {tokens.ids.index_select(0, cls), tokens.type_ids.index_select(0, cls),
          tokens.positions.index_select(0, cls), at::arange(cls.size(0) + 1, at::kLong)};
}

int64_t Length(const std::vector<Window>& windows, int64_t number) {
  return static_cast<int64_t>(windows[static_cast<size_t>(number)].ids.size());
}

void SortByLength(const std::vector<Window>& windows, std::vector<int64_t>* numbers) {
  std::stable_sort(numbers->begin(), numbers->end(),
                   [&](int64_t a, int64_t b) { return Length(windows, a) > Length(windows, b); });
}

std::vector<std::vector<int64_t>> CutByTokens(const std::vector<Window>& windows,
                                              const std::vector<int64_t>& order, int64_t max_tokens) {
  std::vector<std::vector<int64_t>> batches;
  int64_t tokens = 0;
  for (const int64_t window : order) {
    if (batches.empty() || tokens + Length(windows, window) > max_tokens) {
      batches.emplace_back();
      tokens = 0;
    }
    batches.back().push_back(window);
    tokens += Length(windows, window);
  }
  return batches;
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

WindowStates::WindowStates(const InferenceEncoder& encoder, std::vector<int32_t> layers)
    : WindowStates(encoder, std::move(layers), false, {}) {}

WindowStates WindowStates::OfClsRows(const InferenceEncoder& encoder, std::vector<int32_t> layers,
                                     const Pooler& pooler) {
  return {encoder, std::move(layers), true, pooler};
}

WindowStates::WindowStates(const InferenceEncoder& encoder, std::vector<int32_t> layers, bool cls_only,
                           const Pooler& pooler)
    : encoder_(encoder), layers_(std::move(layers)), cls_only_(cls_only), pooler_(pooler) {
  const int64_t all = encoder.config().state_layers();
  const int32_t lowest = cls_only ? kPooledState : 0;
  if (layers_.empty()) {
    const int32_t first = pooler.defined() ? lowest : 0;
    layers_.resize(static_cast<size_t>(all - first));
    std::iota(layers_.begin(), layers_.end(), first);
  }
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
  }
}

WindowStates::Result WindowStates::Compute(std::span<const Window* const> windows) const {
  Result result = {PackWindows(windows), at::Tensor()};
  if (!cls_only_) {
    result.states = encoder_.States(result.tokens, layers_);
    return result;
  }
  result.states = layers_.front() == kPooledState ? PooledRows(result.tokens)
                                                  : encoder_.States(result.tokens, layers_, Rows::kFirst);
  result.tokens = ClsTokens(result.tokens, result.tokens.offsets.slice(0, 0, -1));
  return result;
}

// The pooled state is made of the last one, which need not be among those that are kept.
at::Tensor WindowStates::PooledRows(const PackedTokens& tokens) const {
  const at::NoGradGuard no_grad;
  std::vector<int32_t> computed(layers_.begin() + 1, layers_.end());
  const auto last = static_cast<int32_t>(encoder_.config().num_layers);
  if (computed.empty() || computed.back() != last) computed.push_back(last);
  const at::Tensor states = encoder_.States(tokens, computed, Rows::kFirst);
  const at::Tensor pooled = pooler_(states.select(1, -1)).to(states.scalar_type()).unsqueeze(1);
  return at::cat({pooled, states.narrow(1, 0, static_cast<int64_t>(layers_.size()) - 1)}, 1);
}

std::vector<std::vector<int64_t>> BatchesByLength(const std::vector<Window>& windows, int64_t max_tokens) {
  std::vector<int64_t> order(windows.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  SortByLength(windows, &order);
  return CutByTokens(windows, order, max_tokens);
}

std::vector<std::vector<int64_t>> BatchesAtRandom(const std::vector<Window>& windows, int64_t max_tokens) {
  constexpr uint64_t kSeed = 0;  // the order is part of what a killed extraction goes on with
  auto batches = CutByTokens(
      windows, Permutation(static_cast<int64_t>(windows.size()), SubSeed(kSeed, "order of a store")),
      max_tokens);
  for (auto& batch : batches) SortByLength(windows, &batch);
  return batches;
}

}  // namespace bv
