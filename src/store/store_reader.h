// A store that is read: its index, its shards one by one, its examples. Opening looks at index.json and at
// file sizes only, so it costs the same for 5 MB and 5 TB. Immutable once open, so safe from any thread.
// Whole epochs are read by batch_stream.h.
#pragma once

#include <memory>

#include "data/task.h"
#include "store/store_index.h"
#include "store/store_shard.h"

namespace bv {

class StoreReader {
 public:
  // Errors: as ReadStoreIndex and CheckStoreSizes.
  explicit StoreReader(const fs::path& folder);

  const fs::path& folder() const { return folder_; }
  const StoreIndex& index() const { return index_; }
  const StoreInfo& info() const { return index_.info; }
  int64_t windows() const { return index_.info.windows; }
  int64_t layers() const { return static_cast<int64_t>(index_.info.layers.size()); }
  int64_t hidden() const { return index_.info.hidden; }
  int64_t shards() const { return static_cast<int64_t>(index_.shards.size()); }

  // Maps and checks a shard; the caller keeps it as long as it is needed.
  std::shared_ptr<const StoreShard> Shard(int64_t number) const;
  // Texts with what is known of them; window w of a batch belongs to example batch.example[w]. Errors
  // (kData): a checksum or a number of examples that is not the index's; as ReadExamples.
  TaskExamples Examples() const;

 private:
  fs::path folder_;
  StoreIndex index_;
};

}  // namespace bv
