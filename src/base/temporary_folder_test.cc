#include "base/temporary_folder.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/testing.h"

namespace bv {
namespace {

TEST(TemporaryFolder, GoesWithAllThatIsInIt) {
  const test::ScratchFolder parent;
  fs::path path;
  {
    const TemporaryFolder folder(parent.path());
    path = folder.path();
    EXPECT_EQ(path.parent_path(), parent.path());
    MakeFolder(path / "a" / "b");
    WriteFileAtomically(path / "a" / "b" / "file", "text");
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(fs::is_empty(parent.path()));
}

TEST(TemporaryFolder, GoesWhenTheWorkFails) {
  const test::ScratchFolder parent;
  EXPECT_THROW(
      {
        const TemporaryFolder folder(parent.path());
        WriteFileAtomically(folder.path() / "file", "text");
        throw Error(ErrorKind::kInterrupted, "stopped");
      },
      Error);
  EXPECT_TRUE(fs::is_empty(parent.path()));
}

TEST(TemporaryFolder, TwoInOnePlaceDiffer) {
  const test::ScratchFolder parent;
  const TemporaryFolder one(parent.path()), other(parent.path());
  EXPECT_NE(one.path(), other.path());
}

TEST(TemporaryFolder, APlaceThatIsNotThereIsNamed) {
  const test::ScratchFolder parent;
  EXPECT_THAT(test::MessageOf([&] { const TemporaryFolder folder(parent / "gone"); }),
              testing::HasSubstr("cannot make a scratch folder in '" + (parent / "gone").string() + "'"));
  EXPECT_FALSE(fs::exists(parent / "gone"));
}

}  // namespace
}  // namespace bv
