#include "states/store_source.h"

#include <algorithm>
#include <utility>

namespace bv {

void StoreSource::KeepOnly(std::vector<bool> keep) {
  kept_ = std::count(keep.begin(), keep.end(), true);
  keep_ = std::make_shared<const std::vector<bool>>(std::move(keep));
}

void StoreSource::StartEpoch(const EpochRequest& request) {
  StreamOptions options;
  options.batch_size = request.batch_size;
  options.shuffle = request.shuffle;
  options.seed = request.seed;
  options.epoch = request.epoch;
  options.skip_windows = request.skip_batches * request.batch_size;
  options.keep = keep_;
  stream_.reset();  // the old reading thread ends before the new one starts
  stream_ = std::make_unique<BatchStream>(reader_, options);
}

bool StoreSource::Next(StateBatch* batch) {
  if (!stream_ || !stream_->Next(&last_)) return false;
  batch->states = last_.states;
  batch->offsets = last_.offsets;
  batch->start = last_.labels.select(1, 0).to(at::kLong);
  batch->end = last_.labels.select(1, 1).to(at::kLong);
  batch->target = last_.target;
  const auto* numbers = last_.window.const_data_ptr<int32_t>();
  batch->windows.assign(numbers, numbers + last_.windows());
  return true;
}

}  // namespace bv
