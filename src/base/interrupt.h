// Ctrl-C and SIGTERM, asked for politely: long loops poll InterruptRequested between steps, save, and throw
// Error(kInterrupted). A second signal ends the process at once.
#pragma once

namespace bv {

void InstallInterruptHandler();
bool InterruptRequested();

}  // namespace bv
