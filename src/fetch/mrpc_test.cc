#include "fetch/mrpc.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"

namespace bv::fetch {
namespace {

const std::string kHeader = "\xEF\xBB\xBFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n";
const std::string kRows[] = {"1\t10\t20\tA man.\tThe man.\n", "0\t11\t21\tShe \"said.\tHe said.\r\n",
                             "1\t12\t22\tLast.\tLast one."};

TEST(SplitMrpc, PartsTheRowsByThePairsAndChangesNone) {
  const auto files = SplitMrpc({{"train.txt", kHeader + kRows[0] + kRows[1] + kRows[2]},
                                {"test.txt", "the test"},
                                {"dev-ids.tsv", "11\t21\n"}});
  EXPECT_EQ(files.at("train.tsv"), kHeader + kRows[0] + kRows[2]);
  EXPECT_EQ(files.at("dev.tsv"), kHeader + kRows[1]);
  EXPECT_EQ(files.at("test.tsv"), "the test");
}

TEST(SplitMrpc, BothIdsCount) {
  EXPECT_THROW(SplitMrpc({{"train.txt", kHeader + kRows[0]}, {"test.txt", ""}, {"dev-ids.tsv", "10\t21\n"}}),
               Error);
}

TEST(SplitMrpc, BrokenRowsAreErrors) {
  EXPECT_THROW(SplitMrpc({{"train.txt", kHeader + "1\t10\n"}, {"test.txt", ""}, {"dev-ids.tsv", "10\t20\n"}}),
               Error);
  EXPECT_THROW(SplitMrpc({{"train.txt", kHeader + kRows[0]}, {"test.txt", ""}, {"dev-ids.tsv", "10\n"}}),
               Error);
}

TEST(SplitMrpc, TheRealCorpusIsTakenApartAndLosesNothing) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no real data (set BERTVISION_DATA)";
  const std::string corpus = ReadFile(*shared / "glue/MRPC/msr_paraphrase_train.txt");
  const size_t header = corpus.find('\n') + 1, row = corpus.find('\n', header) + 1;
  const size_t first = corpus.find('\t', header) + 1, second = corpus.find('\t', first) + 1;
  const std::string pair = corpus.substr(first, corpus.find('\t', second) - first);
  const auto files = SplitMrpc({{"train.txt", corpus}, {"test.txt", ""}, {"dev-ids.tsv", pair + "\n"}});
  EXPECT_EQ(files.at("dev.tsv"), corpus.substr(0, row));
  EXPECT_EQ(files.at("train.tsv"), corpus.substr(0, header) + corpus.substr(row));
}

}  // namespace
}  // namespace bv::fetch
