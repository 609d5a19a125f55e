#include "train/checkpoint_folder.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/testing.h"

namespace bv {
namespace {

TEST(CheckpointFolder, KeepsTheNewestAndClearsLeftovers) {
  const test::ScratchFolder scratch;
  const fs::path folder = scratch / "run";
  EXPECT_EQ(NewestCheckpoint(folder), std::nullopt);
  for (const int64_t step : {9, 10}) {
    CommitCheckpoint(folder, step,
                     [&](const fs::path& to) { WriteFileAtomically(to / "x", std::to_string(step)); });
  }
  EXPECT_EQ(NewestCheckpoint(folder), 10);
  EXPECT_EQ(ReadFile(CheckpointPath(folder, 10) / "x"), "10");
  EXPECT_FALSE(fs::exists(CheckpointPath(folder, 9)));
  MakeFolder(folder / "checkpoint-12.unfinished");
  MakeFolder(folder / "checkpoint-1x");
  MakeFolder(folder / "checkpoint-thesis.unfinished");
  EXPECT_EQ(NewestCheckpoint(folder), 10);
  CommitCheckpoint(folder, 11, [](const fs::path& to) { WriteFileAtomically(to / "x", "11"); });
  EXPECT_FALSE(fs::exists(folder / "checkpoint-12.unfinished"));
  EXPECT_TRUE(fs::exists(folder / "checkpoint-1x")) << "not a checkpoint of ours";
  EXPECT_TRUE(fs::exists(folder / "checkpoint-thesis.unfinished")) << "not a checkpoint of ours";
}

TEST(CheckpointFolder, AWriterThatFailsLeavesThePreviousOne) {
  const test::ScratchFolder folder;
  CommitCheckpoint(folder.path(), 1, [](const fs::path& to) { WriteFileAtomically(to / "x", "1"); });
  EXPECT_THROW(
      CommitCheckpoint(folder.path(), 2, [](const fs::path&) { throw std::runtime_error("disk full"); }),
      std::runtime_error);
  EXPECT_EQ(NewestCheckpoint(folder.path()), 1);
  EXPECT_EQ(ReadFile(CheckpointPath(folder.path(), 1) / "x"), "1");
}

}  // namespace
}  // namespace bv
