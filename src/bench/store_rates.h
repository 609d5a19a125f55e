// How fast a store is written to a disk and read back, and how fast a head is trained on it. What is read was
// just written, so it comes from the system's memory: this is what a store costs that fits there, not the
// disk's reading. From one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/file.h"
#include "bench/rates.h"
#include "features/windows.h"
#include "states/window_states.h"

namespace bv::bench {

// The head that is trained: one of those that `train` takes unless told otherwise.
inline constexpr const char* kBenchHead = "adapter-64-shared-skip";

// Writing, reading, training.
constexpr int64_t kStoreParts = 3;

struct StoreWork {
  // What the store's windows are like; some of them, spread over all, are repeated until it is large enough.
  const std::vector<Window>* windows = nullptr;
  fs::path folder;  // an empty one; what is written there stays
  Effort effort;    // on all of it
  // Polled between steps; true ends the work with Error(kInterrupted).
  std::function<bool()> stop;
  // Called at the beginning of each of the parts.
  std::function<void(const std::string& part)> begin;
};

struct StoreRates {
  int64_t windows = 0, tokens = 0, bytes = 0;  // of the store
  Rates write;                                 // bytes/s until all is synced
  Rates read;   // bytes/s of a shuffled epoch in batches, as head training asks for it
  Rates train;  // windows/s of an epoch of kBenchHead
};

// Windows of a store that takes about 16 MiB for each second that there is, of windows that take so many
// bytes, and not more than a quarter of what is free on the disk: 32 to 4096.
int64_t StoreWindows(int64_t window_bytes, double seconds, int64_t free_bytes);

// Errors: those of StoreWriter; kUnsupported where training the head does not fit into memory; kInterrupted.
StoreRates MeasureStore(const WindowStates& states, const StoreWork& work);

// Seconds that extraction takes, which computes and writes at once.
double ExtractionSeconds(int64_t tokens, double tokens_per_second, int64_t bytes, double bytes_per_second);

}  // namespace bv::bench
