// In which order an epoch goes through a store's windows. Known from the shards' window counts alone, so
// nothing is read to skip to a place. Plain values and functions.
#pragma once

#include <cstdint>
#include <vector>

#include "store/store_index.h"

namespace bv {

struct WindowPlace {
  int64_t shard = 0;
  int64_t row = 0;  // of the shard's windows

  friend bool operator==(const WindowPlace&, const WindowPlace&) = default;
};

// Shards whose windows are read together.
struct ShardGroup {
  std::vector<int64_t> shards;
  int64_t windows = 0;
  int64_t bytes = 0;
};

// The epoch's shards, group by group: in order, or in random order by `seed`, as many to a group as fit
// group_bytes (at least one).
std::vector<ShardGroup> GroupShards(const StoreIndex& index, bool shuffle, uint64_t seed,
                                    int64_t group_bytes);

// The windows of one group: in order, or in random order by `seed`.
std::vector<WindowPlace> OrderWindows(const StoreIndex& index, const ShardGroup& group, bool shuffle,
                                      uint64_t seed);

}  // namespace bv
