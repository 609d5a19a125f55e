// A loop over several threads for code below the torch layers (torch has its own pool).
#pragma once

#include <cstdint>
#include <functional>

namespace bv {

// Processors this process may use (affinity and OMP_NUM_THREADS respected), at least 1.
int DefaultThreads();

// Calls body(begin, end) on disjoint ranges that cover [0, n), from `threads` threads; ranges of `grain`
// items are handed out as threads become free. The first exception is thrown again here after all threads
// stopped.
void ParallelRanges(int64_t n, int64_t grain, int threads, const std::function<void(int64_t, int64_t)>& body);

}  // namespace bv
