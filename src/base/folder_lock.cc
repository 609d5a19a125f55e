#include "base/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"

namespace bv {

FolderLock::FolderLock(const fs::path& folder)
    : descriptor_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) throw IoError("cannot open", folder.string());
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int code = errno;
  close(descriptor_);
  descriptor_ = -1;
  if (code == EWOULDBLOCK) {
    throw Error(ErrorKind::kIo, Cat("'", folder.string(),
                                    "': another process is writing in this folder; wait for it to end, or "
                                    "name another folder"));
  }
  // Some network file systems.
  LogWarning(Cat("'", folder.string(), "' cannot be locked (", std::strerror(code),
                 "): start no second process that writes in it"));
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

FolderLock::FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

}  // namespace bv
