#include "fetch/repository.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hub_cache.h"
#include "base/model_folder.h"
#include "base/testing.h"

namespace bv::fetch {
namespace {

const std::string kCommit(40, 'a'), kOther(40, 'b');

TEST(Repository, IsLaidOutAsTheHubsOwnLibraryLaysItOut) {
  const test::ScratchFolder cache;
  const Repository repository(cache.path(), "models", "org/name");
  EXPECT_EQ(repository.Blob("0f"), cache / "models--org--name/blobs/0f");
  EXPECT_EQ(repository.Lock("0f"), cache / ".locks/models--org--name/0f.lock");
  MakeFolder(repository.Blob("0f").parent_path());
  WriteFileAtomically(repository.Blob("0f"), "content");
  repository.Link(kCommit, "config.json", "0f");
  const fs::path link = cache / "models--org--name/snapshots" / kCommit / "config.json";
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(fs::read_symlink(link), "../../blobs/0f");
  EXPECT_EQ(ReadFile(link), "content");
  repository.SetRevision("main", kCommit);
  EXPECT_EQ(ReadFile(cache / "models--org--name/refs/main"), kCommit);
  EXPECT_EQ(CachedSnapshot(repository.folder(), "main"), repository.Snapshot(kCommit));
}

TEST(Repository, LinksAreReplacedAndRevisionsMove) {
  const test::ScratchFolder cache;
  const Repository repository(cache.path(), "models", "name");
  repository.Link(kCommit, "a", "01");
  repository.Link(kCommit, "a", "02");
  EXPECT_EQ(fs::read_symlink(repository.Snapshot(kCommit) / "a"), "../../blobs/02");
  repository.SetRevision("refs/pr/1", kCommit);
  repository.SetRevision("refs/pr/1", kOther);
  EXPECT_EQ(ReadFile(repository.folder() / "refs/refs/pr/1"), kOther);
  repository.SetRevision(kCommit, kCommit);
  EXPECT_FALSE(fs::exists(repository.folder() / "refs" / kCommit));
}

TEST(Repository, AFolderInTheWayIsAnError) {
  const test::ScratchFolder cache;
  const Repository repository(cache.path(), "models", "name");
  MakeFolder(repository.Snapshot(kCommit) / "a");
  EXPECT_THROW(repository.Link(kCommit, "a", "01"), Error);
  for (const auto& entry : fs::directory_iterator(repository.Snapshot(kCommit)))
    EXPECT_EQ(entry.path().filename(), "a");
}

}  // namespace
}  // namespace bv::fetch
