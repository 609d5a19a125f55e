#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"

namespace bv {

MappedFile::MappedFile(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw IoError("cannot open", path.string());
  struct stat info {};
  if (fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(descriptor);
    throw DataError(path.string(), "not a regular file");
  }
  size_ = static_cast<size_t>(info.st_size);
  if (size_ == 0) {
    close(descriptor);
    throw DataError(path.string(), "the file is empty; it was probably cut off while being copied");
  }
  void* mapped = mmap(nullptr, size_, PROT_READ, MAP_SHARED, descriptor, 0);
  const int code = errno;
  close(descriptor);
  if (mapped == MAP_FAILED) {
    errno = code;
    throw IoError("cannot map", path.string());
  }
  data_ = static_cast<const std::byte*>(mapped);
}

MappedFile::~MappedFile() {
  munmap(const_cast<std::byte*>(data_), size_);
}

void MappedFile::Advise(size_t offset, size_t bytes, int advice) const {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  offset = std::min(offset, size_);
  const size_t begin = offset / page * page;
  const size_t end = std::min(size_, offset + bytes);
  // Only advice: a failure changes nothing but speed.
  if (end > begin) (void)madvise(const_cast<std::byte*>(data_ + begin), end - begin, advice);
}

void MappedFile::Prefetch(size_t offset, size_t bytes) const {
  Advise(offset, bytes, MADV_WILLNEED);
}
void MappedFile::Release(size_t offset, size_t bytes) const {
  Advise(offset, bytes, MADV_DONTNEED);
}

}  // namespace bv
