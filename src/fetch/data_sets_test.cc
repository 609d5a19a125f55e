#include "fetch/data_sets.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"
#include "fetch/content_hash.h"
#include "fetch/mrpc.h"
#include "fetch/repository.h"

namespace bv::fetch {
namespace {

using testing::HasSubstr;

std::string HashOf(const std::string& text) {
  Sha256 hash;
  hash.Update(text);
  return hash.Hex();
}

// MRPC in small, whose sources are in the cache already: nothing is asked of the network.
class DerivedSet : public testing::Test {
 protected:
  DerivedSet() {
    place_.cache = folder_.path();
    Add("train.txt", kHeader + "1\t1\t2\tA.\tB.\n0\t3\t4\tC.\tD.\n");
    Add("test.txt", kHeader + "1\t5\t6\tE.\tF.\n");
    Add("dev-ids.tsv", "3\t4\n");
  }
  void Add(const std::string& name, const std::string& content) {
    set_.sources.push_back(
        {"http://127.0.0.1:9/" + name, static_cast<int64_t>(content.size()), HashOf(content), {{name, ""}}});
    MakeFolder(repository_.folder() / "blobs");
    WriteFileAtomically(repository_.Blob(HashOf(content)), content);
  }

  const std::string kHeader = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n";
  test::ScratchFolder folder_;
  const Repository repository_{folder_.path(), "datasets", RepositoryName("small")};
  Place place_;
  DataSet set_{.name = "small",
               .about = "",
               .sources = {},
               .derive = SplitMrpc,
               .derived = {"dev.tsv", "test.tsv", "train.tsv"}};
};

TEST_F(DerivedSet, HoldsWhatIsMadeOfItsSourcesAndNotThem) {
  const Fetched fetched = FetchDataSet(place_, set_);
  ASSERT_EQ(fetched.files.size(), 3U);
  EXPECT_EQ(fetched.received, 0);
  EXPECT_EQ(ReadFile(fetched.folder / "dev.tsv"), kHeader + "0\t3\t4\tC.\tD.\n");
  EXPECT_EQ(ReadFile(fetched.folder / "train.tsv"), kHeader + "1\t1\t2\tA.\tB.\n");
  EXPECT_EQ(ReadFile(fetched.folder / "test.tsv"), kHeader + "1\t5\t6\tE.\tF.\n");
  const fs::directory_iterator blobs(repository_.folder() / "blobs");
  EXPECT_EQ(std::distance(begin(blobs), end(blobs)), 3);
}

TEST_F(DerivedSet, IsFoundAgainWithoutItsSources) {
  const Fetched first = FetchDataSet(place_, set_);
  place_.offline = true;
  EXPECT_EQ(FetchDataSet(place_, set_).folder, first.folder);
  set_.sources[0].sha256 = std::string(64, '0');  // another edition: another commit
  try {
    FetchDataSet(place_, set_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("HF_HUB_OFFLINE is set, and data set 'small' is not in the cache"));
  }
}

}  // namespace
}  // namespace bv::fetch
