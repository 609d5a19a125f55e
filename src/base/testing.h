// For tests only: a scratch folder that cleans up after itself, what an action says when it fails, and the
// place of optional real data.
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace bv::test {

class ScratchFolder {
 public:
  ScratchFolder() {
    static std::atomic<int> counter{0};
    path_ = std::filesystem::temp_directory_path() /
            ("bertvision-test-" + std::to_string(getpid()) + "-" + std::to_string(counter++));
    std::filesystem::create_directories(path_);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// The message of what the action throws; "no error" if it throws nothing.
inline std::string MessageOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

// A folder with real data sets (squad2/, glue/): $BERTVISION_DATA, else ../shared/data beside the source
// tree. Tests that need it skip, saying so, where it is missing.
inline std::optional<std::filesystem::path> SharedData() {
  std::filesystem::path path;
  if (const char* set = std::getenv("BERTVISION_DATA")) {
    path = set;
  } else {
    path = std::filesystem::path(BERTVISION_SOURCE_DIR) / ".." / "shared" / "data";
  }
  if (!std::filesystem::is_directory(path)) return std::nullopt;
  return path;
}

}  // namespace bv::test
