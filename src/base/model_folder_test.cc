#include "base/model_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"

namespace bv {
namespace {

TEST(FindModelFolder, TakesFoldersAsTheyAre) {
  const test::ScratchFolder folder;
  EXPECT_EQ(FindModelFolder(folder.path().string()), folder.path());
}

TEST(FindModelFolder, FindsTheBuiltInModel) {
  EXPECT_TRUE(fs::exists(FindModelFolder("minilm") / "model.safetensors"));
}

TEST(FindModelFolder, FindsHubNamesInTheCacheAndNamesThePlaceOtherwise) {
  const test::ScratchFolder folder;
  setenv("HF_HUB_CACHE", folder.path().c_str(), 1);
  MakeFolder(folder / "models--org--tiny/refs");
  MakeFolder(folder / "models--org--tiny/snapshots/abc123");
  WriteFileAtomically(folder / "models--org--tiny/refs/main", "abc123\n");
  EXPECT_EQ(FindModelFolder("org/tiny").filename(), "abc123");
  EXPECT_EQ(FindModelFolder("org/tiny@abc123").filename(), "abc123");
  try {
    FindModelFolder("org/other");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(folder.path().string()), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("bertvision fetch org/other"), std::string::npos);
  }
  unsetenv("HF_HUB_CACHE");
}

}  // namespace
}  // namespace bv
