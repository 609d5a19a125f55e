// A file mapped read-only into memory. Immutable once open, so reading is safe from any thread. A file that
// shrinks while it is mapped would raise SIGBUS: files of ours are never changed in place.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace bv {

class MappedFile {
 public:
  // Errors: kIo when it cannot be opened, kData when it is empty.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  // Asks the kernel to read the range ahead of its use (MADV_WILLNEED).
  void Prefetch(size_t offset, size_t bytes) const;
  // Tells the kernel that the range will not be needed soon (MADV_DONTNEED).
  void Release(size_t offset, size_t bytes) const;

 private:
  void Advise(size_t offset, size_t bytes, int advice) const;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace bv
