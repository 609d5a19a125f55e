#include "fetch/repository.h"

#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "base/file.h"
#include "base/hub_cache.h"
#include "base/strings.h"

namespace bv::fetch {

Repository::Repository(const fs::path& cache, const std::string& kind, const std::string& name)
    : folder_(cache / RepositoryFolder(kind, name)),
      locks_(cache / ".locks" / RepositoryFolder(kind, name)) {}

void Repository::Link(const std::string& commit, const std::string& file, const std::string& hash) const {
  const fs::path target = fs::path("..") / ".." / "blobs" / hash, link = Snapshot(commit) / file;
  MakeFolder(link.parent_path());
  fs::path temporary = link;
  temporary += Cat(".partial-", getpid());
  unlink(temporary.c_str());
  if (symlink(target.c_str(), temporary.c_str()) != 0) {
    if (errno == EPERM || errno == ENOTSUP || errno == ENOSYS) {
      throw Error(ErrorKind::kIo, Cat("the file system of '", folder_.string(),
                                      "' has no symbolic links; choose another by --cache or HF_HUB_CACHE"));
    }
    throw IoError("cannot create", link.string());
  }
  if (rename(temporary.c_str(), link.c_str()) != 0) {
    const Error error = IoError("cannot create", link.string());
    unlink(temporary.c_str());
    throw error;
  }
}

void Repository::SetRevision(const std::string& revision, const std::string& commit) const {
  if (revision == commit) return;
  const fs::path ref = folder_ / "refs" / revision;
  MakeFolder(ref.parent_path());
  WriteFileAtomically(ref, commit);
}

}  // namespace bv::fetch
