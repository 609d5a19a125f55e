// This program run again as a child process: for work of many steps of which each wants memory and threads of
// its own. Not for other programs. From the main thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bv {

// Runs this program with these arguments to its end and returns its exit code, 128 + N if signal N ended it.
// Its standard output goes into the file, its messages where ours go. An interrupt (InterruptRequested) is
// passed on, once, and the child's end waited for; a second one, like any other end of this process, ends the
// child too. The child is in a process group of its own, so that Ctrl-C reaches it through here alone.
// Errors: kIo where the file cannot be written or no process can be started.
int RunSelf(const std::vector<std::string>& args, const std::filesystem::path& output);

}  // namespace bv
