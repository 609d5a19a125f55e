// One epoch of a store as batches of whole windows. A thread of its own reads and converts the next batches
// while the caller computes; shards of the next group are asked for from the disk while this one is used. One
// owner: Next is called from one thread. What a batch holds stays valid after the stream is gone.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "store/epoch_order.h"
#include "store/gather.h"
#include "store/store_batch.h"
#include "store/store_reader.h"

namespace bv {

struct StreamOptions {
  int64_t batch_size = 16;  // windows a batch; the last one may have fewer
  // If not 0: a batch also ends before its tokens exceed this (one window always fits).
  int64_t max_tokens = 0;
  // Shards in random order, windows in random order within groups of shards; else in the order of the store.
  bool shuffle = false;
  uint64_t seed = 0;  // with the epoch, decides the random order
  int64_t epoch = 0;
  int64_t skip_windows = 0;                  // at the front: a resumed run was past them
  int64_t group_bytes = int64_t{1} << 30;    // of shards shuffled together: memory for the page cache
  std::optional<at::ScalarType> dtype = {};  // states are converted to it; else they stay in the store's
  std::vector<int64_t> layers = {};          // indices into the store's states, any order; empty: all
  int64_t queue = 2;                         // batches ready ahead
  // By window number: which windows are given at all; null: every one. Skipped windows are counted among
  // those that are given.
  std::shared_ptr<const std::vector<bool>> keep = {};
};

class BatchStream {
 public:
  // Errors: kUsage for options out of range.
  BatchStream(const StoreReader& reader, const StreamOptions& options);
  ~BatchStream();
  BatchStream(const BatchStream&) = delete;
  BatchStream& operator=(const BatchStream&) = delete;

  // The next batch; false when the epoch is over. States may be a view into the store: never write to them.
  // Throws what the reading thread met (kData, kIo).
  bool Next(StoreBatch* batch);

 private:
  struct OpenGroup {
    std::map<int64_t, std::shared_ptr<const StoreShard>> shards;
    int64_t prefetched = 0;  // bytes
  };

  void Run();
  OpenGroup Open(size_t number) const;
  bool ReadGroup(const ShardGroup& group, const OpenGroup& open, OpenGroup* next);
  void PrefetchUpTo(OpenGroup* group, int64_t bytes) const;
  bool Wanted(const WindowSource& source);
  bool Take(WindowSource source);
  bool Emit();

  const StoreReader reader_;
  const StreamOptions options_;
  const uint64_t seed_;
  std::vector<ShardGroup> groups_;

  // Of the reading thread alone.
  std::vector<WindowSource> pending_;  // windows of the batch that is being put together
  int64_t pending_tokens_ = 0;
  int64_t to_skip_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<StoreBatch> ready_;
  bool stop_ = false;
  bool done_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace bv
