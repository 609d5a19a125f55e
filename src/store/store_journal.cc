#include "store/store_journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "base/strings.h"
#include "store/index_json.h"

namespace bv {
namespace {

// The shard's file is there with the size of its line.
bool IsWhole(const fs::path& folder, const ShardEntry& shard) {
  std::error_code code;
  return fs::file_size(folder / shard.file, code) == static_cast<uint64_t>(shard.bytes) && !code;
}

}  // namespace

StoreJournal::StoreJournal(const fs::path& folder, StoreIndex* index) : path_(folder / kJournalFile) {
  descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw IoError("cannot create", path_.string());
  try {
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) throw IoError("cannot lock", path_.string());
      throw Error(ErrorKind::kIo,
                  Cat(folder.string(), ": another process is writing this store; wait for it to end"));
    }
    // Another process may have ended, and removed the file, between the two calls above.
    struct stat info {};
    if (fstat(descriptor_, &info) != 0 || info.st_nlink == 0) {
      throw Error(ErrorKind::kIo, Cat(folder.string(),
                                      ": another process has just ended writing this store; "
                                      "run the command again"));
    }
    const size_t keep = ReadBack(folder, index);
    if (ftruncate(descriptor_, static_cast<off_t>(keep)) != 0) throw IoError("cannot cut", path_.string());
    if (keep == 0) Append(JsonLine(HeadToJson(*index)));
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

StoreJournal::~StoreJournal() {
  close(descriptor_);
}

// Returns how many bytes of the journal hold.
size_t StoreJournal::ReadBack(const fs::path& folder, StoreIndex* index) const {
  const std::string text = ReadFile(path_);
  size_t begin = 0;
  for (size_t line = 0;; ++line) {
    const size_t newline = text.find('\n', begin);
    if (newline == std::string::npos) return begin;
    const Json json = ParseJson(std::string_view(text).substr(begin, newline - begin), path_.string());
    if (line == 0) {
      RequireSameHead(HeadFromJson(json, path_.string()), *index, folder);
    } else {
      const ShardEntry shard = ShardFromJson(json, static_cast<int64_t>(line) - 1, path_.string());
      if (!IsWhole(folder, shard)) return begin;
      index->shards.push_back(shard);
    }
    begin = newline + 1;
  }
}

void StoreJournal::Append(const std::string& line) {
  if (lseek(descriptor_, 0, SEEK_END) < 0) throw IoError("cannot write", path_.string());
  const ssize_t written = write(descriptor_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) {
    if (written >= 0) errno = ENOSPC;
    throw IoError("cannot write", path_.string());
  }
  if (fsync(descriptor_) != 0) throw IoError("cannot fsync", path_.string());
}

void StoreJournal::Add(const ShardEntry& shard) {
  Append(JsonLine(ShardToJson(shard)));
}

void StoreJournal::Remove() {
  std::error_code ignored;
  fs::remove(path_, ignored);
}

}  // namespace bv
