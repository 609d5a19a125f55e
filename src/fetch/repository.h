// One repository's folder in a Hugging Face cache, written as huggingface_hub writes it: blobs named by hash,
// snapshots of relative links, refs. Paths and small files only; content comes from download.h. Values, safe
// from any thread; two writers of one blob take its lock.
#pragma once

#include <filesystem>
#include <string>

namespace bv::fetch {

class Repository {
 public:
  // kind: "models" or "datasets".
  Repository(const std::filesystem::path& cache, const std::string& kind, const std::string& name);

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path Blob(const std::string& hash) const { return folder_ / "blobs" / hash; }
  // The file to lock while what `name` stands for is made.
  std::filesystem::path Lock(const std::string& name) const { return locks_ / (name + ".lock"); }
  std::filesystem::path Snapshot(const std::string& commit) const { return folder_ / "snapshots" / commit; }

  // snapshots/<commit>/<file> -> ../../blobs/<hash>, replaced in one step. Errors: kIo, where the file system
  // has no links among others.
  void Link(const std::string& commit, const std::string& file, const std::string& hash) const;
  // refs/<revision> holds the commit, without a newline. A commit needs none.
  void SetRevision(const std::string& revision, const std::string& commit) const;

 private:
  std::filesystem::path folder_, locks_;
};

}  // namespace bv::fetch
