// What a failure looks like to the user: an exit code and one line. Called by main, in its only catch.
#pragma once

#include <exception>
#include <string>

namespace bv::cli {

struct Failure {
  int exit_code = 1;    // 1 failed, 2 wrong usage, 130 interrupted
  std::string message;  // one line, whatever names and backtraces the error's text holds
};

// Of any exception. A lack of memory, the standard library's or LibTorch's own error about it, gets the same
// advice.
Failure Describe(const std::exception& error);

}  // namespace bv::cli
