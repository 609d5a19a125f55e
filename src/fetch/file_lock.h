// A lock between processes: flock on a file of its own, as huggingface_hub takes it. Ends with the object or
// the process. Not between threads of one process. File systems without locks (some network folders) let
// everybody in; the hash check then finds what two writers have mixed.
#pragma once

#include <filesystem>

namespace bv::fetch {

class FileLock {
 public:
  // Creates the file and its folders and waits for whoever holds it, saying so. Errors: kIo; kInterrupted.
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace bv::fetch
