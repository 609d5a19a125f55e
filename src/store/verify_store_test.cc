#include "store/verify_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/testing.h"
#include "store/store_testing.h"

namespace bv {
namespace {

using test::ScratchFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class VerifyStoreTest : public testing::Test {
 protected:
  VerifyStoreTest() { test::WriteSmallStore(folder_, test::SmallInfo(Codec::kF16, 12)); }
  ScratchFolder scratch_;
  const fs::path folder_ = scratch_ / "s";
};

TEST_F(VerifyStoreTest, AGoodStoreHasNoProblems) {
  int64_t last = 0;
  int64_t all = 0;
  const VerifyReport report = VerifyStore(folder_, [&](int64_t done, int64_t total) {
    last = done;
    all = total;
  });
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_THAT(report.strangers, IsEmpty());
  const auto files = test::Files(folder_);
  EXPECT_EQ(report.files, static_cast<int64_t>(files.size()));
  int64_t bytes = 0;
  for (const auto& [name, content] : files) bytes += static_cast<int64_t>(content.size());
  EXPECT_EQ(report.bytes, bytes);
  EXPECT_EQ(last, bytes);
  EXPECT_EQ(all, bytes);
}

TEST_F(VerifyStoreTest, AFlippedBitIsFoundWhereverItIs) {
  for (const auto& [name, good] : test::Files(folder_)) {
    // All bytes of the small files; of a shard every header byte that is used, and a sample of the rest.
    const bool shard = name.starts_with("shard");
    for (size_t at = 0; at < good.size(); at += !shard || at < 900 ? 1 : 13) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
      test::Overwrite(folder_ / name, bad);
      EXPECT_THAT(VerifyStore(folder_).problems, testing::SizeIs(testing::Ge(1u))) << name << " byte " << at;
    }
    test::Overwrite(folder_ / name, good);
  }
  EXPECT_THAT(VerifyStore(folder_).problems, IsEmpty());
}

TEST_F(VerifyStoreTest, MissingAndAddedBytesAreFoundInEveryFile) {
  for (const auto& [name, good] : test::Files(folder_)) {
    for (const std::string& bad :
         {good.substr(1), good.substr(0, good.size() - 1), good + "\n", std::string()}) {
      test::Overwrite(folder_ / name, bad);
      EXPECT_THAT(VerifyStore(folder_).problems, testing::SizeIs(1)) << name;
    }
    test::Overwrite(folder_ / name, good);
  }
}

TEST_F(VerifyStoreTest, EveryProblemIsReportedWithItsFile) {
  fs::remove(folder_ / ShardFile(0));
  test::Overwrite(folder_ / kExamplesFile, "{}\n");
  test::Overwrite(folder_ / "notes.txt", "mine");
  const VerifyReport report = VerifyStore(folder_);
  EXPECT_THAT(report.problems,
              ElementsAre(HasSubstr(kExamplesFile), HasSubstr("shard-00000.safetensors: this file")));
  EXPECT_THAT(report.strangers, ElementsAre("notes.txt"));
}

TEST_F(VerifyStoreTest, AFolderThatIsNoStoreIsAnError) {
  fs::remove(folder_ / kIndexFile);
  EXPECT_THAT(test::MessageOf([&] { VerifyStore(folder_); }), HasSubstr("it is no store"));
}

}  // namespace
}  // namespace bv
