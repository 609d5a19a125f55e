#include "fetch/data_sets.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/strings.h"
#include "fetch/download.h"
#include "fetch/file_lock.h"
#include "fetch/partial_file.h"
#include "fetch/repository.h"
#include "fetch/unzip.h"

namespace bv::fetch {
namespace {

bool HasAll(const fs::path& snapshot, const DataSet& set) {
  const std::vector<std::string> files = set.Files();
  return std::all_of(files.begin(), files.end(),
                     [&](const std::string& file) { return fs::is_regular_file(snapshot / file); });
}

// The work of FetchDataSet; its owner holds the set's lock.
class SetFetcher {
 public:
  SetFetcher(const Place& place, const DataSet& set, const Repository& repository)
      : place_(place), set_(set), repository_(repository), transfer_(place.retry) {}

  int64_t Run() {
    std::map<std::string, std::string> blobs;  // file to hash
    for (const DataSource& source : set_.sources) AddSource(source, &blobs);
    if (set_.derive != nullptr) blobs = Derive(blobs);
    const std::string commit = set_.Commit();
    for (const auto& [file, hash] : blobs) repository_.Link(commit, file, hash);
    repository_.SetRevision("main", commit);
    for (const fs::path& file : passing_) fs::remove(file);
    return received_;
  }

 private:
  void AddSource(const DataSource& source, std::map<std::string, std::string>* blobs) {
    const fs::path blob = repository_.Blob(source.sha256);
    received_ += Download(&transfer_,
                          {.url = SourceUrl(place_.mirror, set_, source),
                           .token = "",
                           .shown = Cat(set_.name, ": ", fs::path(source.url).filename().string()),
                           .hash = {HashKind::kSha256, source.sha256},
                           .bytes = source.bytes},
                          blob);
    if (source.is_archive() || set_.derive != nullptr) passing_.push_back(blob);
    for (const auto& [file, member] : source.files)
      (*blobs)[file] = source.is_archive() ? Unpack(blob, member) : source.sha256;
  }

  // Into the blob named by the member's hash, which it gives back.
  std::string Unpack(const fs::path& archive, const std::string& member) {
    const fs::path scratch = repository_.folder() / "blobs" / "unpacking";
    Sha256 hash;
    PartialFile file(scratch);
    file.Truncate(0);
    try {
      Unzip(archive, member, [&](std::string_view piece) {
        file.Append(piece);
        hash.Update(piece);
      });
    } catch (...) {
      file.Remove();
      throw;
    }
    file.Commit();
    std::string hex = hash.Hex();
    fs::rename(scratch, repository_.Blob(hex));
    return hex;
  }

  std::map<std::string, std::string> Derive(const std::map<std::string, std::string>& sources) {
    std::map<std::string, std::string> contents, blobs;
    for (const auto& [file, hash] : sources) contents[file] = ReadFile(repository_.Blob(hash));
    for (const auto& [file, content] : set_.derive(contents)) {
      Sha256 hash;
      hash.Update(content);
      const std::string hex = hash.Hex();
      WriteFileAtomically(repository_.Blob(hex), content);
      std::erase(passing_, repository_.Blob(hex));  // a file may be a source as it is
      blobs[file] = hex;
    }
    return blobs;
  }

  const Place& place_;
  const DataSet& set_;
  const Repository& repository_;
  Transfer transfer_;
  std::vector<fs::path> passing_;  // blobs that are no file of the set
  int64_t received_ = 0;
};

}  // namespace

std::string RepositoryName(const std::string& data_set) {
  return "bertvision/" + data_set;
}

std::string SourceUrl(const std::string& mirror, const DataSet& set, const DataSource& source) {
  if (mirror.empty()) return source.url;
  return Cat(mirror, "/", set.name, "/", source.url.substr(source.url.rfind('/') + 1));
}

Fetched FetchDataSet(const Place& place, const DataSet& set) {
  const Repository repository(place.cache, "datasets", RepositoryName(set.name));
  const fs::path snapshot = repository.Snapshot(set.Commit());
  int64_t received = 0;
  if (place.offline && !HasAll(snapshot, set)) {
    throw Error(ErrorKind::kIo, Cat("HF_HUB_OFFLINE is set, and data set '", set.name,
                                    "' is not in the cache at '", place.cache.string(), "'"));
  }
  if (!HasAll(snapshot, set)) {
    const FileLock lock(repository.Lock("fetch"));
    // Whoever held the lock before may have fetched it.
    if (!HasAll(snapshot, set)) received = SetFetcher(place, set, repository).Run();
  } else if (!place.offline) {
    repository.SetRevision("main", set.Commit());
  }
  Fetched fetched = DescribeSnapshot(set.name, "data", snapshot);
  fetched.received = received;
  return fetched;
}

}  // namespace bv::fetch
