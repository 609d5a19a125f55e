#include "fetch/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"

namespace bv::fetch {
namespace {

constexpr auto kLook = std::chrono::milliseconds(100);

}  // namespace

FileLock::FileLock(const fs::path& path) {
  MakeFolder(path.parent_path());
  descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw IoError("cannot create the lock", path.string());
  bool said = false;
  while (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const bool held = errno == EWOULDBLOCK || errno == EINTR;
    if (held && !said) LogInfo(Cat("waiting for another fetch, which holds ", path.string()));
    said = true;
    if (!held || InterruptRequested()) {
      const Error error = held ? Error(ErrorKind::kInterrupted, "interrupted while waiting for another fetch")
                               : IoError("cannot lock", path.string());
      close(descriptor_);
      throw error;
    }
    std::this_thread::sleep_for(kLook);
  }
}

FileLock::~FileLock() {
  close(descriptor_);
}

}  // namespace bv::fetch
