#include "base/file.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/mapped_file.h"
#include "base/testing.h"

namespace bv {
namespace {

TEST(AtomicFile, AppearsOnlyOnCommit) {
  const test::ScratchFolder folder;
  {
    AtomicFile file(folder / "a");
    file.Write("half");
    EXPECT_FALSE(fs::exists(folder / "a"));
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
  WriteFileAtomically(folder / "a", "old");
  {
    AtomicFile file(folder / "a");
    file.Write("new, not committed");
  }
  EXPECT_EQ(ReadFile(folder / "a"), "old");
  WriteFileAtomically(folder / "a", "new");
  EXPECT_EQ(ReadFile(folder / "a"), "new");
}

TEST(AtomicFile, WriteAtPatchesAHeader) {
  const test::ScratchFolder folder;
  AtomicFile file(folder / "a");
  file.Write("0000body");
  file.WriteAt(0, "1234", 4);
  file.Commit();
  EXPECT_EQ(ReadFile(folder / "a"), "1234body");
  EXPECT_EQ(file.size(), 8);
}

TEST(AtomicFile, FullDiskIsAnErrorAndKeepsTheOldFile) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const test::ScratchFolder folder;
  fs::create_symlink("/dev/full", (folder / "a").string() + ".partial-" + std::to_string(getpid()));
  WriteFileAtomically(folder / "b", "kept");
  AtomicFile file(folder / "a");
  EXPECT_THROW(file.Write("x"), Error);
  EXPECT_EQ(ReadFile(folder / "b"), "kept");
}

TEST(AtomicFile, ErrorsNameThePath) {
  try {
    WriteFileAtomically("/nowhere/at/all", "x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_NE(std::string(error.what()).find("/nowhere/at/all"), std::string::npos);
  }
}

TEST(ReadFile, RefusesAFolderAndAMissingFile) {
  const test::ScratchFolder folder;
  EXPECT_THROW(ReadFile(folder.path()), Error);
  EXPECT_THROW(ReadFile(folder / "missing"), Error);
}

TEST(ReadFile, GivesFilesOfSeveralBlocksAndOfUnknownSizeWhole) {
  const test::ScratchFolder folder;
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i);
  WriteFileAtomically(folder / "long", text);
  EXPECT_TRUE(ReadFile(folder / "long") == text);
  size_t blocks = 0;
  ReadInBlocks(folder / "long", [&](std::string_view) { ++blocks; });
  EXPECT_GT(blocks, 1U);
  EXPECT_NE(ReadFile("/proc/self/status").find("Name:"), std::string::npos);
}

TEST(PartialOf, KnowsTheNamesOfWritersAlone) {
  EXPECT_EQ(PartialOf("a.json.partial-123"), "a.json");
  EXPECT_EQ(PartialOf("epoch-1.partial-new"), "epoch-1");
  EXPECT_EQ(PartialOf("a.partial-1.partial-2"), "a.partial-1");
  for (const char* name : {"a.json", "a.partial-", "a.partial-draft", "a.partial-12x", "a.partial--1",
                           "a.partial-newer", ".partial-12", "a.partial-12.bak"}) {
    EXPECT_EQ(PartialOf(name), std::nullopt) << name;
  }
}

TEST(RemovePartialFiles, RemovesLeftoversOfOwnFilesOnly) {
  const test::ScratchFolder folder;
  for (const char* name : {"kept.json", "shard", "shard.partial-123", "thesis.partial-123"})
    WriteFileAtomically(folder / name, "x");
  MakeFolder(folder / "shard.partial-new");
  MakeFolder(folder / "shard.partial-5");
  RemovePartialFiles(folder.path(), [](const std::string& name) { return name == "shard"; });
  EXPECT_FALSE(fs::exists(folder / "shard.partial-123"));
  EXPECT_FALSE(fs::exists(folder / "shard.partial-new"));
  for (const char* name : {"kept.json", "shard", "thesis.partial-123", "shard.partial-5"})
    EXPECT_TRUE(fs::exists(folder / name)) << name;
}

TEST(CommitFolder, ReplacesTheOldFolderWhole) {
  const test::ScratchFolder folder;
  MakeFolder(folder / "new");
  MakeFolder(folder / "old");
  WriteFileAtomically(folder / "new/a", "new");
  WriteFileAtomically(folder / "old/b", "old");
  CommitFolder(folder / "new", folder / "old");
  EXPECT_EQ(ReadFile(folder / "old/a"), "new");
  EXPECT_FALSE(fs::exists(folder / "old/b"));
  EXPECT_FALSE(fs::exists(folder / "new"));
}

TEST(MappedFile, ShowsTheBytesAndRefusesEmptyFiles) {
  const test::ScratchFolder folder;
  WriteFileAtomically(folder / "a", "bytes");
  const MappedFile file(folder / "a");
  ASSERT_EQ(file.bytes().size(), 5U);
  EXPECT_EQ(static_cast<char>(file.bytes()[4]), 's');
  file.Prefetch(0, 100);
  WriteFileAtomically(folder / "empty", "");
  EXPECT_THROW(MappedFile(folder / "empty"), Error);
}

TEST(FreeDiskBytes, AnswersForAFolderThatIsNotThereYet) {
  EXPECT_GT(FreeDiskBytes(fs::temp_directory_path() / "not" / "yet"), 0);
}

}  // namespace
}  // namespace bv
