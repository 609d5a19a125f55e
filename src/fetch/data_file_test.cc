#include "fetch/data_file.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"
#include "fetch/repository.h"

namespace bv::fetch {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A cache with the data set "lh" (train.json, dev-hard.tsv) and with squad2's dev alone.
class DataFile : public testing::Test {
 protected:
  DataFile() {
    setenv("HF_HUB_CACHE", folder_.path().c_str(), 1);
    Add("lh", "train.json");
    Add("lh", "dev-hard.tsv");
    Add("squad2", "dev.json");
  }
  ~DataFile() override { unsetenv("HF_HUB_CACHE"); }

  void Add(const std::string& set, const std::string& file) {
    const Repository repository(folder_.path(), "datasets", "bertvision/" + set);
    MakeFolder(repository.folder() / "blobs");
    WriteFileAtomically(repository.Blob("0f"), "content");
    repository.Link("abc", file, "0f");
    repository.SetRevision("main", "abc");
  }
  static std::string ErrorOf(const std::string& name, ErrorKind kind) {
    try {
      return "no error, but " + FindDataFile(name).string();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind);
      return error.what();
    }
  }
  test::ScratchFolder folder_;
};

TEST_F(DataFile, PartsOfFetchedSetsAreFound) {
  EXPECT_EQ(FindDataFile("lh/train").filename(), "train.json");
  EXPECT_EQ(ReadFile(FindDataFile("lh/dev-hard")), "content");
  EXPECT_EQ(FindDataFile("squad2/dev").filename(), "dev.json");
}

TEST_F(DataFile, WhatExistsAndWhatNobodyKnowsStaysAsItIs) {
  EXPECT_EQ(FindDataFile("-"), "-");
  EXPECT_EQ(FindDataFile(folder_.path().string()), folder_.path());
  for (const char* name : {"nowhere.json", "no/where.json", "/a/b/c", "", "../squad2/dev", "squad2/dev/x"})
    EXPECT_EQ(FindDataFile(name), name);
}

TEST_F(DataFile, MissingSetsNameTheCommand) {
  EXPECT_THAT(ErrorOf("squad1.1/train", ErrorKind::kIo),
              AllOf(HasSubstr("bertvision fetch squad1.1"), HasSubstr(folder_.path().string())));
}

TEST_F(DataFile, MissingPartsNameThoseThatAreThere) {
  EXPECT_THAT(ErrorOf("lh/dev", ErrorKind::kUsage), HasSubstr("it has: lh/dev-hard, lh/train"));
  EXPECT_THAT(ErrorOf("squad2", ErrorKind::kUsage),
              HasSubstr("'squad2' is a data set, a part of it is needed: squad2/dev"));
  EXPECT_THAT(ErrorOf("mnli/dev", ErrorKind::kUsage), HasSubstr("mnli/dev-matched, mnli/dev-mismatched"));
}

}  // namespace
}  // namespace bv::fetch
