#include "states/window_states.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace bv {

PackedTokens PackWindows(std::span<const Window* const> windows) {
  std::vector<TokenSpan> spans;
  spans.reserve(windows.size());
  for (const Window* window : windows) spans.push_back({window->ids, window->type_ids});
  return PackTokens(spans);
}

WindowStates::WindowStates(const Encoder& encoder, std::vector<int32_t> layers)
    : encoder_(encoder), layers_(std::move(layers)) {
  const int64_t all = encoder.config().state_layers();
  if (layers_.empty()) {
    layers_.resize(static_cast<size_t>(all));
    std::iota(layers_.begin(), layers_.end(), 0);
  }
  slot_.assign(static_cast<size_t>(all), -1);
  for (size_t i = 0; i < layers_.size(); ++i) {
    const int32_t layer = layers_[i];
    if (layer < 0 || layer >= all || (i > 0 && layers_[i - 1] >= layer)) {
      throw Error(ErrorKind::kUsage, Cat("layers: found ", layer, ", allowed are 0 to ", all - 1,
                                         " in rising order (0 = embeddings)"));
    }
    slot_[static_cast<size_t>(layer)] = static_cast<int64_t>(i);
  }
}

WindowStates::Result WindowStates::Compute(std::span<const Window* const> windows) const {
  const at::NoGradGuard no_grad;
  Result result = {PackWindows(windows), at::Tensor()};
  encoder_.Forward(result.tokens, layers_.back(), [&](int64_t layer, const at::Tensor& state) {
    if (!result.states.defined()) {
      result.states =
          at::empty({state.size(0), static_cast<int64_t>(layers_.size()), state.size(1)}, state.options());
    }
    const int64_t slot = slot_[static_cast<size_t>(layer)];
    if (slot >= 0) result.states.select(1, slot).copy_(state);
  });
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
