#include "base/folder_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "base/error.h"
#include "base/testing.h"

namespace bv {
namespace {

// Whether another process gets the lock.
bool FreeForOthers(const fs::path& folder) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      const FolderLock lock(folder);
      _exit(0);
    } catch (const Error&) {
      _exit(1);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(FolderLock, KeepsOthersOutUntilItsOwnerEnds) {
  const test::ScratchFolder folder;
  std::optional<FolderLock> lock(folder.path());
  EXPECT_FALSE(FreeForOthers(folder.path()));
  {
    const FolderLock moved = std::move(*lock);
    lock.reset();
    EXPECT_FALSE(FreeForOthers(folder.path()));
  }
  EXPECT_TRUE(FreeForOthers(folder.path()));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(FolderLock, AFolderThatIsNotThereIsAnError) {
  const test::ScratchFolder folder;
  EXPECT_THROW(FolderLock(folder / "missing"), Error);
}

}  // namespace
}  // namespace bv
