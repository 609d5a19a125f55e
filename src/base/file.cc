#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr std::string_view kPartialMark = ".partial-";
constexpr std::string_view kNewFolder = "new";

constexpr size_t kBlockBytes = size_t{1} << 18;

struct Closer {
  int descriptor;
  ~Closer() { close(descriptor); }
};

void FsyncPath(const fs::path& path, int flags) {
  const int descriptor = open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) throw IoError("cannot open", path.string());
  const int result = fsync(descriptor);
  const int code = errno;
  close(descriptor);
  // Some file systems cannot fsync a folder; the rename is then as safe as it gets there.
  if (result != 0 && code != EINVAL && code != ENOTSUP) {
    errno = code;
    throw IoError("cannot fsync", path.string());
  }
}

fs::path FolderOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

void WriteAll(int descriptor, const char* data, size_t bytes, const fs::path& path) {
  while (bytes > 0) {
    const ssize_t written = write(descriptor, data, bytes);
    if (written < 0) {
      if (errno == EINTR) continue;
      throw IoError("cannot write", path.string());
    }
    data += written;
    bytes -= static_cast<size_t>(written);
  }
}

}  // namespace

void ReadInBlocks(const fs::path& path, const std::function<void(std::string_view)>& take) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw IoError("cannot open", path.string());
  const Closer closer{descriptor};
  if (fs::is_directory(path)) {
    throw Error(ErrorKind::kIo, Cat("cannot read '", path.string(), "': it is a folder, a file is needed"));
  }
  std::vector<char> buffer(kBlockBytes);
  for (;;) {
    const ssize_t got = read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw IoError("cannot read", path.string());
    if (got == 0) return;
    take({buffer.data(), static_cast<size_t>(got)});
  }
}

std::string ReadFile(const fs::path& path) {
  std::string content;
  std::error_code unknown;  // the size of what is no regular file
  const uintmax_t size = fs::file_size(path, unknown);
  if (!unknown) content.reserve(static_cast<size_t>(size));
  ReadInBlocks(path, [&](std::string_view block) { content += block; });
  return content;
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)) {
  temporary_ = path_;
  temporary_ += Cat(kPartialMark, getpid());
  if (fs::is_directory(path_)) {
    throw Error(ErrorKind::kIo, Cat("cannot write '", path_.string(), "': a folder of that name is there"));
  }
  descriptor_ = open(temporary_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw IoError("cannot create", path_.string());
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(temporary_.c_str());
}

void AtomicFile::Write(const void* data, size_t bytes) {
  WriteAll(descriptor_, static_cast<const char*>(data), bytes, path_);
  size_ += static_cast<int64_t>(bytes);
}

void AtomicFile::WriteAt(int64_t position, const void* data, size_t bytes) {
  const auto* from = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = pwrite(descriptor_, from, bytes, position);
    if (written < 0) {
      if (errno == EINTR) continue;
      throw IoError("cannot write", path_.string());
    }
    from += written;
    position += written;
    bytes -= static_cast<size_t>(written);
  }
}

void AtomicFile::Commit() {
  if (fsync(descriptor_) != 0) throw IoError("cannot fsync", path_.string());
  const int result = close(descriptor_);
  descriptor_ = -1;
  if (result != 0 || rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int code = errno;
    unlink(temporary_.c_str());
    errno = code;
    throw IoError("cannot write", path_.string());
  }
  FsyncPath(FolderOf(path_), O_RDONLY | O_DIRECTORY);
}

void WriteFileAtomically(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  file.Write(content);
  file.Commit();
}

void MakeFolder(const fs::path& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code) {
    throw Error(ErrorKind::kIo, Cat("cannot create folder '", path.string(), "': ", code.message()));
  }
  if (!fs::is_directory(path)) {
    throw Error(ErrorKind::kIo, Cat("cannot create folder '", path.string(), "': a file is in the way"));
  }
}

std::optional<std::string> PartialOf(const std::string& name) {
  const size_t mark = name.rfind(kPartialMark);
  if (mark == std::string::npos || mark == 0) return std::nullopt;
  const std::string rest = name.substr(mark + kPartialMark.size());
  const bool digits = !rest.empty() && rest.find_first_not_of("0123456789") == std::string::npos;
  if (!digits && rest != kNewFolder) return std::nullopt;
  return name.substr(0, mark);
}

void RemovePartialFiles(const fs::path& folder, const std::function<bool(const std::string&)>& own) {
  std::vector<fs::path> leftovers;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename().string();
    const auto of = PartialOf(name);
    // A file has the number of its process, a folder has not.
    if (of && own(*of) && entry.is_directory() == name.ends_with(kNewFolder))
      leftovers.push_back(entry.path());
  }
  for (const fs::path& path : leftovers) fs::remove_all(path, code);
}

int64_t FreeDiskBytes(const fs::path& path) {
  fs::path existing = fs::absolute(path);
  while (!fs::exists(existing) && existing.has_relative_path()) existing = existing.parent_path();
  std::error_code code;
  const auto space = fs::space(existing, code);
  if (code) {
    throw Error(ErrorKind::kIo, Cat("cannot ask for free space at '", path.string(), "': ", code.message()));
  }
  return static_cast<int64_t>(space.available);
}

void CommitFolder(const fs::path& from, const fs::path& to) {
  for (const auto& entry : fs::directory_iterator(from)) {
    if (entry.is_regular_file()) FsyncPath(entry.path(), O_RDONLY);
  }
  FsyncPath(from, O_RDONLY | O_DIRECTORY);
  std::error_code code;
  // Exchanging the two keeps `to` there at every moment. Where a file system cannot, the old one goes first.
  if (fs::exists(to) && renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) {
    fs::remove_all(from, code);
  } else {
    fs::remove_all(to, code);
    if (!code) fs::rename(from, to, code);
  }
  if (code) {
    throw Error(ErrorKind::kIo,
                Cat("cannot rename '", from.string(), "' to '", to.string(), "': ", code.message()));
  }
  FsyncPath(FolderOf(to), O_RDONLY | O_DIRECTORY);
}

}  // namespace bv
