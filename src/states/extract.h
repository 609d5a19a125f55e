// Extraction: the states of every window of a data file into a store. One thread; the products inside use
// all.
#pragma once

#include <functional>
#include <vector>

#include "features/task_windows.h"
#include "states/window_states.h"
#include "store/store_writer.h"

namespace bv {

// Tokens of a batch of extraction, where a larger one gains nothing more.
constexpr int64_t kExtractBatchTokens = 8192;

struct ExtractProgress {
  int64_t windows = 0;  // in the store or on their way
  int64_t tokens = 0;   // computed in this call
};

// Adds all windows that the store does not have yet, in batches at random of about max_tokens, so that each
// shard is a fair sample of the data, and finishes the store. `report` is called after every batch; when it
// returns false the finished shards are kept and Error(kInterrupted) is thrown.
void Extract(const WindowStates& states, const TaskWindows& windows, int64_t max_tokens, StoreWriter* writer,
             const std::function<bool(const ExtractProgress&)>& report);

// The windows as they stand in a store, with the states of a computed batch.
StoreBatch MakeStoreBatch(const TaskWindows& windows, const std::vector<int64_t>& numbers,
                          const WindowStates::Result& computed);

}  // namespace bv
