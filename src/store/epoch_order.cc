#include "store/epoch_order.h"

#include <numeric>

#include "base/rng.h"

namespace bv {

std::vector<ShardGroup> GroupShards(const StoreIndex& index, bool shuffle, uint64_t seed,
                                    int64_t group_bytes) {
  const auto count = static_cast<int64_t>(index.shards.size());
  std::vector<int64_t> order(index.shards.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  if (shuffle) order = Permutation(count, SubSeed(seed, "order of shards"));
  std::vector<ShardGroup> groups;
  for (const int64_t number : order) {
    const ShardEntry& shard = index.shards[static_cast<size_t>(number)];
    if (groups.empty() || groups.back().bytes + shard.bytes > group_bytes) groups.emplace_back();
    groups.back().shards.push_back(number);
    groups.back().windows += shard.windows;
    groups.back().bytes += shard.bytes;
  }
  return groups;
}

std::vector<WindowPlace> OrderWindows(const StoreIndex& index, const ShardGroup& group, bool shuffle,
                                      uint64_t seed) {
  std::vector<WindowPlace> places;
  for (const int64_t shard : group.shards) {
    for (int64_t row = 0; row < index.shards[static_cast<size_t>(shard)].windows; ++row)
      places.push_back({shard, row});
  }
  if (!shuffle) return places;
  std::vector<WindowPlace> shuffled;
  // The first shard's number makes the seeds of groups differ.
  const uint64_t group_seed = Mix64(seed, static_cast<uint64_t>(group.shards.front()));
  for (const int64_t i : Permutation(group.windows, SubSeed(group_seed, "order of windows"))) {
    shuffled.push_back(places[static_cast<size_t>(i)]);
  }
  return shuffled;
}

}  // namespace bv
