#include "store/verify_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/error.h"
#include "base/hash.h"
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

TEST_F(VerifyStoreTest, ALyingNumberOfWindowsCostsNoMemory) {
  const auto peak_kib = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  StoreIndex index = ReadStoreIndex(folder_);
  index.info.windows = index.info.tokens = 100'000'000;
  index.shards = {{ShardFile(0), index.info.windows, index.info.tokens, int64_t{1} << 40, 0}};
  WriteStoreIndex(folder_, index);
  const auto before = peak_kib();
  EXPECT_THAT(VerifyStore(folder_).problems, ElementsAre(HasSubstr("the index says 1099511627776")));
  EXPECT_LT(peak_kib() - before, 200 * 1024);
}

TEST_F(VerifyStoreTest, AWindowThatStandsTwiceIsFound) {
  // Shards that fit their index in everything but the windows' numbers.
  fs::remove_all(folder_);
  const StoreInfo info = test::SmallInfo(Codec::kF16, 12);
  test::WriteSmallStore(folder_, info);
  StoreIndex index = ReadStoreIndex(folder_);
  const fs::path path = folder_ / ShardFile(0);
  const TensorFile file(path);
  std::vector<NamedTensor> tensors;
  for (const std::string& name : file.names()) tensors.push_back({name, file.Get(name).clone()});
  const auto& metadata = file.metadata();
  for (NamedTensor& tensor : tensors) {
    if (tensor.name == "window") tensor.tensor[0] = tensor.tensor[1];
  }
  WriteTensorFile(path, tensors, metadata);
  index.shards[0].bytes = static_cast<int64_t>(fs::file_size(path));
  index.shards[0].xxh3 = HashFile(path);
  WriteStoreIndex(folder_, index);
  EXPECT_THAT(VerifyStore(folder_).problems,
              ElementsAre(HasSubstr("2 windows are missing or stand in the store twice")));
}

TEST_F(VerifyStoreTest, AFolderThatIsNoStoreIsAnError) {
  fs::remove(folder_ / kIndexFile);
  EXPECT_THAT(test::MessageOf([&] { VerifyStore(folder_); }), HasSubstr("it is no store"));
}

}  // namespace
}  // namespace bv
