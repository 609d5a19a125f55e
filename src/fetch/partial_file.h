// A file that is on its way: <final name>.incomplete beside its place, where the next attempt finds it,
// whatever ended this one. One owner, who holds the lock of the final name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace bv::fetch {

class PartialFile {
 public:
  // Opens what is there, or creates it with its folders. Errors: kIo.
  explicit PartialFile(const std::filesystem::path& final_path);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  int64_t size() const { return size_; }
  // Errors: kIo, a full disk among them; what was written stays.
  void Append(std::string_view bytes);
  void Truncate(int64_t size);
  // fsync, then the final name. Nothing else may be called afterwards.
  void Commit();
  // Leaves nothing. Nothing else may be called afterwards.
  void Remove();

 private:
  std::filesystem::path final_, path_;
  int descriptor_ = -1;
  int64_t size_ = 0;
};

}  // namespace bv::fetch
