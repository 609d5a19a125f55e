#include "fetch/partial_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "base/file.h"

namespace bv::fetch {

PartialFile::PartialFile(const fs::path& final_path) : final_(final_path), path_(final_path) {
  path_ += ".incomplete";
  MakeFolder(final_.parent_path());
  descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  const off_t end = descriptor_ < 0 ? -1 : lseek(descriptor_, 0, SEEK_END);
  if (end < 0) throw IoError("cannot create", path_.string());
  size_ = end;
}

PartialFile::~PartialFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

void PartialFile::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), size_);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw IoError("cannot write", path_.string());
    size_ += written;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

void PartialFile::Truncate(int64_t size) {
  if (ftruncate(descriptor_, size) != 0) throw IoError("cannot shorten", path_.string());
  size_ = size;
}

void PartialFile::Commit() {
  if (fsync(descriptor_) != 0) throw IoError("cannot fsync", path_.string());
  const int result = close(descriptor_);
  descriptor_ = -1;
  if (result != 0 || rename(path_.c_str(), final_.c_str()) != 0)
    throw IoError("cannot write", final_.string());
}

void PartialFile::Remove() {
  close(descriptor_);
  descriptor_ = -1;
  std::error_code ignored;
  fs::remove(path_, ignored);
}

}  // namespace bv::fetch
