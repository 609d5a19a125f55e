// The journal of a store that is being written: its first line is the head of the coming index, each further
// line a finished shard. It is what a killed extraction goes on from, and its lock keeps two writers apart.
// One owner, not thread-safe.
#pragma once

#include <vector>

#include "store/store_index.h"

namespace bv {

class StoreJournal {
 public:
  // Opens or creates folder/journal.jsonl and locks it. An existing journal must have the same head as
  // `index` (kUsage otherwise); its shards, as far as their files are there in full, are added to
  // index->shards. A line that a kill cut off is forgotten. Errors: kIo where another process is writing this
  // store.
  StoreJournal(const fs::path& folder, StoreIndex* index);
  ~StoreJournal();
  StoreJournal(const StoreJournal&) = delete;
  StoreJournal& operator=(const StoreJournal&) = delete;

  // On disk when it returns.
  void Add(const ShardEntry& shard);
  void Remove();

 private:
  size_t ReadBack(const fs::path& folder, StoreIndex* index) const;
  void Append(const std::string& line);
  fs::path path_;
  int descriptor_ = -1;
};

}  // namespace bv
