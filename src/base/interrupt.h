// Ctrl-C and SIGTERM, asked for politely: a loop that has something to save polls InterruptRequested between
// steps, saves, and throws Error(kInterrupted). A second signal ends the process at once. From any thread.
#pragma once

namespace bv {

// From here on the first signal only makes InterruptRequested true. Called right before a loop that polls and
// nowhere else: until then, and in all work that has nothing to save, a signal ends the process at once.
void InstallInterruptHandler();
bool InterruptRequested();

}  // namespace bv
