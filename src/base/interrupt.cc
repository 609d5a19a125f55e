#include "base/interrupt.h"

#include <atomic>
#include <csignal>

namespace bv {
namespace {

std::atomic<bool> requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "the signal handler may only touch lock-free state");

void Handle(int number) {
  if (requested.exchange(true)) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

}  // namespace

void InstallInterruptHandler() {
  std::signal(SIGINT, Handle);
  std::signal(SIGTERM, Handle);
}

bool InterruptRequested() {
  return requested;
}

}  // namespace bv
