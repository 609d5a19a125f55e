// Keeps two processes from writing in one folder: each would take the other's unfinished files for leftovers.
// The lock (flock) is on the folder itself and leaves nothing behind, whatever end the process comes to. It
// keeps no reader out. One owner; may be moved.
#pragma once

#include "base/file.h"

namespace bv {

class FolderLock {
 public:
  // The folder must exist. Errors: kIo where another process, or another lock of this one, holds it. A file
  // system that cannot lock folders gets a warning instead.
  explicit FolderLock(const fs::path& folder);
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;

 private:
  int descriptor_ = -1;
};

}  // namespace bv
