#include "store/store_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/testing.h"
#include "store/store_testing.h"

namespace bv {
namespace {

using test::MessageOf;
using test::ScratchFolder;
using testing::HasSubstr;

// Runs `work` in a child process and returns its status; the child never comes back from here.
int InChild(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      work();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "child: %s\n", error.what());
      _exit(strstr(error.what(), "finished shards stay") != nullptr ? 3 : 4);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

void ExpectKilledAndRerunGiveTheSameBytes(Codec codec) {
  const ScratchFolder scratch;
  const StoreInfo info = test::SmallInfo(codec, 40);
  test::WriteSmallStore(scratch / "whole", info);
  const auto whole = test::Files(scratch / "whole");
  ASSERT_GT(whole.size(), 5u);
  for (const int64_t kill_at : {0, 1, 6, 9, 13}) {
    const fs::path folder = scratch / ("killed" + std::to_string(kill_at));
    const int status = InChild([&] {
      test::WriteSmallStore(folder, info, 3, [&](int64_t batch) {
        if (batch == kill_at) kill(getpid(), SIGKILL);
      });
    });
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_THAT(MessageOf([&] { StoreReader reader(folder); }), HasSubstr("unfinished; run the same"));
    test::WriteSmallStore(folder, info);
    EXPECT_EQ(test::Files(folder), whole) << kill_at;
  }
}

TEST(StoreWriter, AKillAtAnyBatchThenARerunGiveTheSameBytes) {
  ExpectKilledAndRerunGiveTheSameBytes(Codec::kBf16);
}

// Whose scales come from the first batch, which the rerun does not see again.
TEST(StoreWriter, AKillAtAnyBatchThenARerunGiveTheSameBytesOfInt8) {
  ExpectKilledAndRerunGiveTheSameBytes(Codec::kInt8);
}

TEST(StoreWriter, AKillLosesAtMostTheOpenShard) {
  const ScratchFolder scratch;
  const StoreInfo info = test::SmallInfo(Codec::kBf16, 40);
  InChild([&] {
    test::WriteSmallStore(scratch / "s", info, 1, [&](int64_t batch) {
      if (batch == 30) kill(getpid(), SIGKILL);
    });
  });
  const StoreWriter writer(scratch / "s", info, test::SmallExamples());
  EXPECT_LT(writer.windows_there(), 30);
  int64_t open_rows = 0;
  for (int64_t w = 10; w < 40; ++w) open_rows += writer.Has(w) ? 0 : test::WindowLength(w);
  EXPECT_LE(open_rows * 3 * 5 * 2, info.shard_bytes);
}

TEST(StoreWriter, AJournalLineThatWasCutOffIsForgotten) {
  const ScratchFolder scratch;
  const StoreInfo info = test::SmallInfo(Codec::kF16, 40);
  test::WriteSmallStore(scratch / "whole", info);
  for (const int64_t cut : {1, 200}) {
    InChild([&] {
      test::WriteSmallStore(scratch / "s", info, 3, [&](int64_t batch) {
        if (batch == 12) kill(getpid(), SIGKILL);
      });
    });
    const fs::path journal = scratch / "s" / kJournalFile;
    fs::resize_file(journal, fs::file_size(journal) - static_cast<uint64_t>(cut));
    test::WriteSmallStore(scratch / "s", info);
    EXPECT_EQ(test::Files(scratch / "s"), test::Files(scratch / "whole")) << cut;
    fs::remove_all(scratch / "s");
  }
}

TEST(StoreWriter, ADiskThatRefusesKeepsTheFinishedShardsAndSaysSo) {
  const ScratchFolder scratch;
  const StoreInfo info = test::SmallInfo(Codec::kF32, 40);
  test::WriteSmallStore(scratch / "whole", info);
  // A limit on the size of a file stands in for a full disk; it is set when some shards are there.
  const int status = InChild([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    test::WriteSmallStore(scratch / "s", info, 3, [](int64_t batch) {
      const rlimit limit = {4500, RLIM_INFINITY};
      if (batch == 9) setrlimit(RLIMIT_FSIZE, &limit);
    });
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 3);
  const int64_t there = StoreWriter(scratch / "s", info, test::SmallExamples()).windows_there();
  EXPECT_GT(there, 15);
  EXPECT_LT(there, 30);
  test::WriteSmallStore(scratch / "s", info);
  EXPECT_EQ(test::Files(scratch / "s"), test::Files(scratch / "whole"));
}

TEST(StoreWriter, OtherOptionsAreRefusedWithBothValues) {
  const ScratchFolder scratch;
  const StoreInfo info = test::SmallInfo(Codec::kF16, 10);
  { const StoreWriter begun(scratch / "open", info, test::SmallExamples()); }
  test::WriteSmallStore(scratch / "complete", info);
  StoreInfo other = info;
  other.backbone_fingerprint = "ffffffffffffffff";
  StoreInfo stride = info;
  stride.cut.doc_stride = 64;
  for (const char* folder : {"open", "complete"}) {
    const auto message = [&](const StoreInfo& changed) {
      return MessageOf([&] { StoreWriter(scratch / folder, changed, test::SmallExamples()); });
    };
    EXPECT_THAT(message(other), testing::AllOf(HasSubstr("backbone_fingerprint"),
                                               HasSubstr("00112233445566aa"), HasSubstr("ffffffffffffffff")));
    EXPECT_THAT(message(stride), HasSubstr("doc_stride 128, now it is 64"));
    StoreInfo moved = info;
    moved.data = "/elsewhere/dev.json";
    EXPECT_EQ(message(moved), "no error");
  }
  TaskExamples questions = test::SmallExamples();
  questions.questions.examples[0].question = "?";
  EXPECT_THAT(MessageOf([&] { StoreWriter(scratch / "open", info, questions); }), HasSubstr("examples"));
}

TEST(StoreWriter, ACompleteStoreIsLeftAlone) {
  const ScratchFolder scratch;
  const StoreInfo info = test::SmallInfo(Codec::kF16, 10);
  test::WriteSmallStore(scratch / "s", info);
  const auto before = test::Files(scratch / "s");
  StoreWriter writer(scratch / "s", info, test::SmallExamples());
  EXPECT_TRUE(writer.complete());
  EXPECT_EQ(writer.windows_there(), 10);
  writer.Finish();
  EXPECT_EQ(test::Files(scratch / "s"), before);
}

TEST(StoreWriter, AFolderWithOtherThingsIsRefusedAndUntouched) {
  const ScratchFolder scratch;
  fs::create_directory(scratch / "s");
  WriteFileAtomically(scratch / "s" / "thesis.tex", "years of work");
  EXPECT_THAT(
      MessageOf([&] { StoreWriter(scratch / "s", test::SmallInfo(Codec::kF16, 10), test::SmallExamples()); }),
      HasSubstr("holds 'thesis.tex' and is no store"));
  EXPECT_EQ(test::Files(scratch / "s").size(), 1u);
}

TEST(StoreWriter, OnlyItsOwnLeftoversAreRemoved) {
  const ScratchFolder scratch;
  const fs::path folder = scratch / "s";
  const StoreInfo info = test::SmallInfo(Codec::kF16, 10);
  { const StoreWriter begun(folder, info, test::SmallExamples()); }
  const std::vector<std::string> own = {"shard-00003.safetensors", "shard-00004.safetensors.partial-17",
                                        "index.json.partial-5"};
  const std::vector<std::string> others = {"thesis.partial-draft", "notes.partial-2024", "shard-notes.txt",
                                           "shard-3.safetensors", "examples.jsonl.partial-mine"};
  for (const auto& names : {own, others}) {
    for (const std::string& name : names) test::Overwrite(folder / name, "x");
  }
  { const StoreWriter again(folder, info, test::SmallExamples()); }
  for (const std::string& name : own) EXPECT_FALSE(fs::exists(folder / name)) << name;
  for (const std::string& name : others) EXPECT_TRUE(fs::exists(folder / name)) << name;

  MakeFolder(scratch / "mine");
  test::Overwrite(scratch / "mine" / "thesis.partial-draft", "years of work");
  EXPECT_THAT(MessageOf([&] { StoreWriter(scratch / "mine", info, test::SmallExamples()); }),
              HasSubstr("holds 'thesis.partial-draft' and is no store"));
}

TEST(StoreWriter, ASecondWriterIsRefused) {
  const ScratchFolder scratch;
  const StoreInfo info = test::SmallInfo(Codec::kF16, 10);
  const StoreWriter first(scratch / "s", info, test::SmallExamples());
  EXPECT_THAT(MessageOf([&] { StoreWriter(scratch / "s", info, test::SmallExamples()); }),
              HasSubstr("another process is writing"));
}

TEST(StoreWriter, AStoreLargerThanTheDiskIsRefusedBeforeAnythingIsWritten) {
  const ScratchFolder scratch;
  StoreInfo info = test::SmallInfo(Codec::kF32, 10);
  info.hidden = 1 << 20;
  info.tokens = int64_t{1} << 32;
  info.shard_bytes = int64_t{1} << 28;
  EXPECT_THAT(MessageOf([&] { StoreWriter(scratch / "s", info, test::SmallExamples()); }),
              HasSubstr("the store needs 48"));
  EXPECT_THAT(test::Files(scratch / "s"), testing::IsEmpty());
  // What the message advises helps.
  test::WriteSmallStore(scratch / "s", test::SmallInfo(Codec::kF16, 10));
}

TEST(StoreWriter, TheForecastIsCloseAndNotTooSmall) {
  const ScratchFolder scratch;
  StoreInfo info = test::SmallInfo(Codec::kF16, 3000);
  info.shard_bytes = 100'000;
  test::WriteSmallStore(scratch / "s", info, 100);
  int64_t shards = 0;
  for (const auto& [name, content] : test::Files(scratch / "s")) {
    if (name.starts_with("shard")) shards += static_cast<int64_t>(content.size());
  }
  EXPECT_GE(ForecastBytes(info), shards);
  EXPECT_LT(static_cast<double>(ForecastBytes(info)), 1.05 * static_cast<double>(shards));
}

TEST(StoreWriter, StatesThatAreNotFiniteInTheCodecAreRefused) {
  const ScratchFolder scratch;
  const StoreInfo info = test::SmallInfo(Codec::kF16, 10);
  StoreWriter writer(scratch / "s", info, test::SmallExamples());
  StoreBatch batch = test::SmallBatch(info, {3, 4});
  batch.states[2][1][1] = 70'000.0F;
  EXPECT_THAT(MessageOf([&] { writer.Add(batch); }), HasSubstr("65504"));
  batch.states[2][1][1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(MessageOf([&] { writer.Add(batch); }), HasSubstr("NaN"));
}

TEST(StoreWriter, WindowsMissingOrGivenTwiceAreRefused) {
  const ScratchFolder scratch;
  const StoreInfo info = test::SmallInfo(Codec::kF16, 10);
  StoreWriter writer(scratch / "s", info, test::SmallExamples());
  writer.Add(test::SmallBatch(info, {3, 4}));
  EXPECT_THAT(MessageOf([&] { writer.Finish(); }), HasSubstr("8 of 10 windows"));
  EXPECT_THAT(MessageOf([&] { writer.Add(test::SmallBatch(info, {4})); }), HasSubstr("twice"));
}

}  // namespace
}  // namespace bv
