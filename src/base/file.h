// Files that appear whole or not at all. Every file the project writes goes through AtomicFile: written
// beside its place, fsynced, renamed. A crash leaves either the old file or the new one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bv {

namespace fs = std::filesystem;

// Gives the file to take() block by block, in order. Errors: kIo, also for a folder.
void ReadInBlocks(const fs::path& path, const std::function<void(std::string_view)>& take);
// The whole file. Errors: as ReadInBlocks.
std::string ReadFile(const fs::path& path);

// One writer; not thread-safe. Without Commit nothing appears and the temporary file is removed.
class AtomicFile {
 public:
  explicit AtomicFile(fs::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void Write(const void* data, size_t bytes);
  void Write(std::string_view text) { Write(text.data(), text.size()); }
  // Overwrites bytes that were written before, for headers whose values are known at the end.
  void WriteAt(int64_t position, const void* data, size_t bytes);
  int64_t size() const { return size_; }
  // fsync, rename over the final path, fsync of the folder.
  void Commit();

 private:
  fs::path path_;
  fs::path temporary_;
  int descriptor_ = -1;
  int64_t size_ = 0;
};

void WriteFileAtomically(const fs::path& path, std::string_view content);

// Creates the folder and its parents; an error names the part that is in the way.
void MakeFolder(const fs::path& path);
// What `name` is the leftover of, "a" for "a.partial-<process>" and "a.partial-new": the names under which
// files and folders are written. Nothing for any other name.
std::optional<std::string> PartialOf(const std::string& name);
// Removes leftovers of killed writers directly inside the folder: of files and folders alone whose name own()
// knows as one that the caller writes there.
void RemovePartialFiles(const fs::path& folder, const std::function<bool(const std::string&)>& own);
// Bytes that a user may still write where path is (or will be).
int64_t FreeDiskBytes(const fs::path& path);
// Makes a folder appear whole: fsyncs the files inside `from`, then renames it to `to` (which is removed
// first).
void CommitFolder(const fs::path& from, const fs::path& to);

}  // namespace bv
