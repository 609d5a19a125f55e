#include "base/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace bv {

int DefaultThreads() {
  cpu_set_t set;
  int count = 0;
  if (sched_getaffinity(0, sizeof set, &set) == 0) count = CPU_COUNT(&set);
  if (count <= 0) count = static_cast<int>(std::thread::hardware_concurrency());
  if (const char* limit = std::getenv("OMP_NUM_THREADS")) {
    const int wanted = std::atoi(limit);
    if (wanted > 0) count = std::min(count, wanted);
  }
  return std::max(count, 1);
}

void ParallelRanges(int64_t n, int64_t grain, int threads,
                    const std::function<void(int64_t, int64_t)>& body) {
  grain = std::max<int64_t>(grain, 1);
  const int64_t pieces = (n + grain - 1) / grain;
  threads = static_cast<int>(std::min<int64_t>(threads, pieces));
  std::atomic<int64_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto work = [&] {
    try {
      for (int64_t piece = next++; piece < pieces; piece = next++) {
        body(piece * grain, std::min(n, (piece + 1) * grain));
      }
    } catch (...) {
      const std::lock_guard lock(failure_mutex);
      if (!failure) failure = std::current_exception();
      next = pieces;
    }
  };
  std::vector<std::thread> pool;
  try {
    for (int i = 1; i < threads; ++i) pool.emplace_back(work);
  } catch (const std::system_error&) {
    // The system allows no more threads: those there are do the work.
  }
  if (n > 0) work();
  for (auto& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace bv
