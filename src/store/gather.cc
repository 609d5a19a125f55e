#include "store/gather.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>

namespace bv {
namespace {

bool AreNeighbours(const std::vector<WindowSource>& windows) {
  for (size_t i = 1; i < windows.size(); ++i) {
    if (windows[i].shard != windows[0].shard || windows[i].row != windows[0].row + static_cast<int64_t>(i))
      return false;
  }
  return true;
}

at::Tensor Offsets(const std::vector<WindowSource>& windows) {
  at::Tensor offsets = at::empty({static_cast<int64_t>(windows.size()) + 1}, at::kLong);
  auto* out = offsets.mutable_data_ptr<int64_t>();
  *out = 0;
  for (const WindowSource& window : windows) {
    out[1] = out[0] + window.tokens();
    ++out;
  }
  return offsets;
}

// In pieces so small that torch copies them in the calling thread: the caller's computation owns the cores,
// and a second team of threads would only fight with it.
void CopyRows(const at::Tensor& from, const at::Tensor& to) {
  constexpr int64_t kMostElements = 32'767;
  const int64_t rows = from.size(0);
  const int64_t step = std::max<int64_t>(1, kMostElements * rows / std::max<int64_t>(1, from.numel()));
  for (int64_t row = 0; row < rows; row += step) {
    const int64_t count = std::min(step, rows - row);
    to.narrow(0, row, count).copy_(from.narrow(0, row, count));
  }
}

void CopyStates(const StoreShard& shard, int64_t begin, int64_t count, const std::vector<int64_t>& layers,
                const at::Tensor& to) {
  if (shard.int8().values.defined()) return DecodeInt8(shard.int8(), begin, count, layers, to);
  const at::Tensor from = shard.tensors().states.narrow(0, begin, count);
  if (layers.empty()) return CopyRows(from, to);
  for (size_t i = 0; i < layers.size(); ++i) {
    CopyRows(from.select(1, layers[i]), to.select(1, static_cast<int64_t>(i)));
  }
}

at::Tensor States(const std::vector<WindowSource>& windows, int64_t tokens,
                  std::optional<at::ScalarType> dtype, const std::vector<int64_t>& layers) {
  const StoreShard& first = *windows[0].shard;
  const at::ScalarType type = dtype.value_or(first.state_type());
  const bool neighbours = AreNeighbours(windows);
  const at::Tensor& as_they_lie = first.tensors().states;
  if (neighbours && layers.empty() && as_they_lie.defined() && type == as_they_lie.scalar_type())
    return as_they_lie.narrow(0, windows[0].begin(), tokens);
  const int64_t kept = layers.empty() ? first.layers() : static_cast<int64_t>(layers.size());
  at::Tensor states = at::empty({tokens, kept, first.hidden()}, at::TensorOptions(type));
  if (neighbours) {
    CopyStates(first, windows[0].begin(), tokens, layers, states);
    return states;
  }
  int64_t place = 0;
  for (const WindowSource& window : windows) {
    CopyStates(*window.shard, window.begin(), window.tokens(), layers,
               states.narrow(0, place, window.tokens()));
    place += window.tokens();
  }
  return states;
}

}  // namespace

StoreBatch GatherWindows(const std::vector<WindowSource>& windows, std::optional<at::ScalarType> dtype,
                         const std::vector<int64_t>& layers) {
  const auto of_tokens = [&](at::Tensor StoreBatch::*field) {
    std::vector<at::Tensor> parts;
    parts.reserve(windows.size());
    for (const auto& window : windows) {
      parts.push_back((window.shard->tensors().*field).narrow(0, window.begin(), window.tokens()));
    }
    return at::cat(parts);
  };
  const auto of_windows = [&](at::Tensor StoreBatch::*field) {
    std::vector<at::Tensor> parts;
    parts.reserve(windows.size());
    for (const auto& window : windows)
      parts.push_back((window.shard->tensors().*field).narrow(0, window.row, 1));
    return at::cat(parts);
  };
  StoreBatch batch;
  batch.offsets = Offsets(windows);
  const int64_t tokens = batch.offsets[batch.windows()].item<int64_t>();
  batch.states = States(windows, tokens, dtype, layers);
  batch.input_ids = of_tokens(&StoreBatch::input_ids);
  batch.token_type_ids = of_tokens(&StoreBatch::token_type_ids);
  batch.ranges = of_tokens(&StoreBatch::ranges);
  batch.window = of_windows(&StoreBatch::window);
  batch.example = of_windows(&StoreBatch::example);
  batch.labels = of_windows(&StoreBatch::labels);
  if (windows[0].shard->tensors().target.defined()) batch.target = of_windows(&StoreBatch::target);
  batch.context = of_windows(&StoreBatch::context);
  return batch;
}

}  // namespace bv
