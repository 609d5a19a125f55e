#include "cli/failure.h"

#include <algorithm>
#include <new>
#include <string_view>

#include "base/error.h"

namespace bv::cli {
namespace {

int ExitCode(ErrorKind kind) {
  if (kind == ErrorKind::kUsage) return 2;
  return kind == ErrorKind::kInterrupted ? 130 : 1;
}

// File names may contain newlines.
std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\r', ' ');
  return text;
}

// LibTorch's allocators throw its general error, which this layer must not know by type, with these words.
bool IsOutOfMemory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  const std::string_view text = error.what();
  return text.find("DefaultCPUAllocator: ") != std::string_view::npos ||
         text.find("CUDA out of memory") != std::string_view::npos;
}

}  // namespace

Failure Describe(const std::exception& error) {
  if (const auto* own = dynamic_cast<const Error*>(&error)) {
    return {ExitCode(own->kind()), OneLine(error.what())};
  }
  if (IsOutOfMemory(error)) return {1, "out of memory; a smaller batch or a shorter --max-length needs less"};
  // The messages of libraries carry backtraces after their first line.
  const std::string_view text = error.what();
  return {1, OneLine(std::string(text.substr(0, text.find('\n'))))};
}

}  // namespace bv::cli
