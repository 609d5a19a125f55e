// Puts windows of open shards together to one batch. Plain functions, safe from any thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "store/store_batch.h"
#include "store/store_shard.h"

namespace bv {

struct WindowSource {
  std::shared_ptr<const StoreShard> shard;
  int64_t row = 0;  // of the shard's windows

  int64_t begin() const { return shard->tensors().offsets.const_data_ptr<int64_t>()[row]; }
  int64_t tokens() const { return shard->tensors().offsets.const_data_ptr<int64_t>()[row + 1] - begin(); }
};

// The windows end to end, in the given order (at least one). States have StateType of the store's codec
// or are converted to `dtype` (int8: f32 or bf16); `layers` picks and orders states, all of them if empty.
// Neighbours in one shard are not copied: their states are then a view of the map that keeps it alive.
StoreBatch GatherWindows(const std::vector<WindowSource>& windows, std::optional<at::ScalarType> dtype,
                         const std::vector<int64_t>& layers);

}  // namespace bv
