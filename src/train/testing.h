// For tests and measurements only: a source of states in memory.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "states/state_source.h"

namespace bv::test {

class MemorySource : public StateSource {
 public:
  struct Window {
    at::Tensor states;  // [tokens, L, H]
    int64_t start = 0, end = 0;
  };
  explicit MemorySource(std::vector<Window> windows) : windows_(std::move(windows)) {}

  void StartEpoch(const EpochRequest& request) override {
    order_ = Permutation(windows(), Mix64(request.seed, static_cast<uint64_t>(request.epoch)));
    if (!request.shuffle) std::sort(order_.begin(), order_.end());
    batch_size_ = request.batch_size;
    next_ = std::min(windows(), request.skip_batches * request.batch_size);
  }
  bool Next(StateBatch* batch) override {
    if (next_ >= windows()) return false;
    std::vector<at::Tensor> states;
    std::vector<int64_t> offsets = {0}, starts, ends;
    batch->windows.clear();
    for (const int64_t end = std::min(windows(), next_ + batch_size_); next_ < end; ++next_) {
      const int64_t index = order_[static_cast<size_t>(next_)];
      const Window& window = windows_[static_cast<size_t>(index)];
      states.push_back(window.states);
      offsets.push_back(offsets.back() + window.states.size(0));
      starts.push_back(window.start);
      ends.push_back(window.end);
      batch->windows.push_back(index);
    }
    batch->states = at::cat(states);
    batch->offsets = at::tensor(offsets, at::kLong);
    batch->start = at::tensor(starts, at::kLong);
    batch->end = at::tensor(ends, at::kLong);
    return true;
  }
  int64_t windows() const override { return static_cast<int64_t>(windows_.size()); }
  int64_t tokens() const override {
    int64_t tokens = 0;
    for (const Window& window : windows_) tokens += window.states.size(0);
    return tokens;
  }
  int64_t layers() const override { return windows_.front().states.size(1); }
  int64_t hidden() const override { return windows_.front().states.size(2); }

 private:
  std::vector<Window> windows_;
  std::vector<int64_t> order_;
  int64_t batch_size_ = 1, next_ = 0;
};

// Windows of 3 to 14 tokens whose labels can be learned: the start has a large first value in the last layer,
// the end a large second value in the first layer.
inline MemorySource LearnableSource(int64_t windows, int64_t layers, int64_t hidden, uint64_t seed) {
  Rng rng(seed);
  std::vector<MemorySource::Window> list;
  for (int64_t i = 0; i < windows; ++i) {
    const auto tokens = static_cast<int64_t>(3 + rng.Below(12));
    at::Tensor states = at::empty({tokens, layers, hidden}, at::kFloat);
    float* values = states.mutable_data_ptr<float>();
    for (int64_t k = 0; k < states.numel(); ++k) values[k] = static_cast<float>(rng.Normal());
    const auto start = static_cast<int64_t>(rng.Below(static_cast<uint64_t>(tokens)));
    const auto end = start + static_cast<int64_t>(rng.Below(static_cast<uint64_t>(tokens - start)));
    values[((start + 1) * layers - 1) * hidden] += 6;
    values[end * layers * hidden + 1] += 6;
    list.push_back({states, start, end});
  }
  return MemorySource(std::move(list));
}

}  // namespace bv::test
