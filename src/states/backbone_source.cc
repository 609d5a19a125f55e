#include "states/backbone_source.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <numeric>

#include "base/rng.h"

namespace bv {

void BackboneSource::StartEpoch(const EpochRequest& request) {
  const auto all = static_cast<int64_t>(all_windows_.size());
  if (request.shuffle) {
    order_ = Permutation(all, Mix64(request.seed, static_cast<uint64_t>(request.epoch)));
  } else {
    order_.resize(all_windows_.size());
    std::iota(order_.begin(), order_.end(), int64_t{0});
  }
  if (!keep_.empty())
    std::erase_if(order_, [&](int64_t window) { return !keep_[static_cast<size_t>(window)]; });
  batch_size_ = request.batch_size;
  next_ = std::min(order_.size(), static_cast<size_t>(request.skip_batches * request.batch_size));
}

int64_t BackboneSource::tokens() const {
  if (states_.cls_only()) return windows();
  int64_t tokens = 0;
  for (size_t i = 0; i < all_windows_.size(); ++i) {
    if (keep_.empty() || keep_[i]) tokens += static_cast<int64_t>(all_windows_[i].ids.size());
  }
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
  if (states_.cls_only()) {  // no piece but [CLS] is there to point at
    batch->start.zero_();
    batch->end.zero_();
  }
  batch->target = at::Tensor();
  if (!targets_.empty()) {
    batch->target = at::empty({count}, at::kFloat);
    float* target = batch->target.mutable_data_ptr<float>();
    for (const int64_t window : batch->windows) *target++ = targets_[static_cast<size_t>(window)];
  }
  auto computed = states_.Compute(chosen);
  batch->states = std::move(computed.states);
  batch->offsets = std::move(computed.tokens.offsets);
  return true;
}

}  // namespace bv
