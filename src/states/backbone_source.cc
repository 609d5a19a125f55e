#include "states/backbone_source.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <numeric>

#include "base/rng.h"

namespace bv {

void BackboneSource::StartEpoch(const EpochRequest& request) {
  if (request.shuffle) {
    order_ = Permutation(windows(), Mix64(request.seed, static_cast<uint64_t>(request.epoch)));
  } else {
    order_.resize(all_windows_.size());
    std::iota(order_.begin(), order_.end(), int64_t{0});
  }
  batch_size_ = request.batch_size;
  next_ = std::min(order_.size(), static_cast<size_t>(request.skip_batches * request.batch_size));
}

int64_t BackboneSource::tokens() const {
  int64_t tokens = 0;
  for (const Window& window : all_windows_) tokens += static_cast<int64_t>(window.ids.size());
  return tokens;
}

bool BackboneSource::Next(StateBatch* batch) {
  if (next_ == order_.size()) return false;
  const size_t end = std::min(order_.size(), next_ + static_cast<size_t>(batch_size_));
  batch->windows.assign(order_.begin() + static_cast<std::ptrdiff_t>(next_),
                        order_.begin() + static_cast<std::ptrdiff_t>(end));
  next_ = end;

  const auto count = static_cast<int64_t>(batch->windows.size());
  std::vector<const Window*> chosen;
  batch->start = at::empty({count}, at::kLong);
  batch->end = at::empty({count}, at::kLong);
  for (int64_t i = 0; i < count; ++i) {
    const Window& window = all_windows_[static_cast<size_t>(batch->windows[static_cast<size_t>(i)])];
    chosen.push_back(&window);
    batch->start.mutable_data_ptr<int64_t>()[i] = window.start;
    batch->end.mutable_data_ptr<int64_t>()[i] = window.end;
  }
  auto computed = states_.Compute(chosen);
  batch->states = std::move(computed.states);
  batch->offsets = std::move(computed.tokens.offsets);
  return true;
}

}  // namespace bv
