#include "run/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"
#include "base/version.h"

namespace bv {
namespace {

using testing::HasSubstr;

RunRecord Sample() {
  RunRecord record;
  record.verb = "train";
  record.command = {"bertvision", "train", "--lr", "0.001"};
  record.options = OrderedJson::parse(R"({"lr": {"value": 0.001, "from": "command line"},
                                          "out": {"value": "a", "from": "command line"}})");
  record.seeds = {{"seed", 42}};
  record.inputs = {{"states", "00ff"}};
  record.machine = {{"threads", 2}};
  return record;
}

std::string ErrorOf(ErrorKind kind, const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  return "no error";
}

TEST(RunFolder, WritesWhatItIsFirstAndReadsItBack) {
  const test::ScratchFolder scratch;
  RunFolder run(scratch / "deep/run", Sample());
  EXPECT_EQ(run.state(), RunState::kNew);
  const SavedRun saved = ReadRun(scratch / "deep/run");
  EXPECT_FALSE(saved.finished);
  EXPECT_EQ(saved.version, kVersion);
  EXPECT_EQ(saved.record.verb, "train");
  EXPECT_EQ(saved.record.command, Sample().command);
  EXPECT_EQ(Json(saved.record.options), Json(Sample().options));
  EXPECT_EQ(Json(saved.record.inputs), Json(Sample().inputs));
  run.Finish();
  EXPECT_TRUE(ReadRun(scratch / "deep/run").finished);
}

TEST(RunFolder, GoesOnWithTheSameRunOnly) {
  const test::ScratchFolder scratch;
  const fs::path folder = scratch / "run";
  { const RunFolder first(folder, Sample()); }
  RunRecord same = Sample();
  same.options["out"]["value"] = "./a";  // cannot change a result
  same.options["lr"]["from"] = "config";
  EXPECT_EQ(RunFolder(folder, same).state(), RunState::kResumed);
  EXPECT_EQ(ReadJsonFile(folder / "run.json")["resumed"].size(), 1u);

  RunRecord other = Sample();
  other.options["lr"]["value"] = 0.002;
  EXPECT_THAT(ErrorOf(ErrorKind::kUsage, [&] { RunFolder(folder, other); }),
              HasSubstr("holds another run: --lr is 0.002, there it is 0.001"));
  EXPECT_EQ(RunFolder(folder, other, {"lr"}).state(), RunState::kResumed);
  other = Sample();
  other.inputs["states"] = "1234";
  EXPECT_THAT(ErrorOf(ErrorKind::kUsage, [&] { RunFolder(folder, other); }),
              HasSubstr("input states is \"1234\""));
  other = Sample();
  other.verb = "finetune";
  EXPECT_THAT(ErrorOf(ErrorKind::kUsage, [&] { RunFolder(folder, other); }), HasSubstr("a run of 'train'"));
}

TEST(RunFolder, ASecondWriterIsRefused) {
  const test::ScratchFolder scratch;
  const fs::path folder = scratch / "run";
  {
    RunFolder first(folder, Sample());
    WriteFileAtomically(folder / "predictions.json.partial-1", "being written");
    const auto second = [&] { return ErrorOf(ErrorKind::kIo, [&] { RunFolder(folder, Sample()); }); };
    EXPECT_THAT(second(), HasSubstr("run': another process is writing in this folder"));
    EXPECT_TRUE(fs::exists(folder / "predictions.json.partial-1"));
    const RunFolder moved = std::move(first);
    EXPECT_THAT(second(), HasSubstr("another process"));
  }
  RunFolder(folder, Sample()).Finish();
  const RunFolder finished(folder, Sample());
  EXPECT_EQ(RunFolder(folder, Sample()).state(), RunState::kFinished) << "nobody writes a finished run";
}

TEST(RunFolder, LeavesAFinishedRunAlone) {
  const test::ScratchFolder scratch;
  const fs::path folder = scratch / "run";
  RunFolder(folder, Sample()).Finish();
  const std::string before = ReadFile(folder / "run.json");
  RunFolder again(folder, Sample());
  EXPECT_EQ(again.state(), RunState::kFinished);
  again.Finish();
  EXPECT_EQ(ReadFile(folder / "run.json"), before);
}

TEST(RunFolder, RefusesAFolderThatIsNotARun) {
  const test::ScratchFolder scratch;
  WriteFileAtomically(scratch / "thesis.tex", "ten years of work");
  EXPECT_THAT(ErrorOf(ErrorKind::kUsage, [&] { RunFolder(scratch.path(), Sample()); }),
              HasSubstr("holds 'thesis.tex' but no run.json"));
  EXPECT_FALSE(fs::exists(scratch / "run.json"));

  const test::ScratchFolder other;
  WriteFileAtomically(other / "thesis.partial-draft", "ten years of work");
  EXPECT_THAT(ErrorOf(ErrorKind::kUsage, [&] { RunFolder(other.path(), Sample()); }),
              HasSubstr("holds 'thesis.partial-draft' but no run.json"));
  EXPECT_TRUE(fs::exists(other / "thesis.partial-draft"));

  const test::ScratchFolder third;
  WriteFileAtomically(third / "run.json.partial-draft", "ten years of work");
  EXPECT_THAT(ErrorOf(ErrorKind::kUsage, [&] { RunFolder(third.path(), Sample()); }),
              HasSubstr("holds 'run.json.partial-draft' but no run.json"));
}

TEST(RunFolder, RemovesLeftoversOfItsOwnFilesOnly) {
  const test::ScratchFolder scratch;
  { const RunFolder run(scratch.path(), Sample()); }
  const std::vector<std::string> own = {"run.json.partial-12", "predictions.json.partial-7",
                                        "head.safetensors.partial-123456"};
  const std::vector<std::string> others = {"thesis.partial-draft", "notes.txt.partial-2024",
                                           "run.json.partial-", "run.json.partial-12.bak",
                                           "run.json.partial-old"};
  for (const auto& names : {own, others}) {
    for (const std::string& name : names) WriteFileAtomically(scratch / name, "x");
  }
  MakeFolder(scratch / "epoch-0.3.partial-new");
  MakeFolder(scratch / "photos.partial-new");
  MakeFolder(scratch / "run.json.partial-99");
  { const RunFolder run(scratch.path(), Sample()); }
  for (const std::string& name : own) EXPECT_FALSE(fs::exists(scratch / name)) << name;
  for (const std::string& name : others) EXPECT_TRUE(fs::exists(scratch / name)) << name;
  EXPECT_FALSE(fs::exists(scratch / "epoch-0.3.partial-new"));
  EXPECT_TRUE(fs::exists(scratch / "photos.partial-new"));
  EXPECT_TRUE(fs::exists(scratch / "run.json.partial-99")) << "a folder, which no writer of a file leaves";
}

TEST(RunFolder, StartsWhereAKilledProcessLeftOnlyATemporaryFile) {
  const test::ScratchFolder scratch;
  // No process has this number: it is above the kernel's limit.
  WriteFileAtomically(scratch / "run.json.partial-99999999", "{");
  EXPECT_EQ(RunFolder(scratch.path(), Sample()).state(), RunState::kNew);
}

TEST(RunFolder, ReadingNamesWhatIsWrong) {
  const test::ScratchFolder scratch;
  EXPECT_THAT(ErrorOf(ErrorKind::kData, [&] { ReadRun(scratch.path()); }), HasSubstr("run.json is missing"));
  EXPECT_THAT(ErrorOf(ErrorKind::kData, [&] { ReadRun(scratch / "no"); }), HasSubstr("so is the folder"));
  const RunFolder run(scratch / "run", Sample());
  const Json good = ReadJsonFile(scratch / "run/run.json");
  const std::vector<std::pair<std::string, Json>> changes = {
      {"format", 2},       {"verb", 1},     {"command", Json::array({1})}, {"state", "gone"},
      {"options", "none"}, {"inputs", {1}}, {"resumed", nullptr},
  };
  for (const auto& [key, value] : changes) {
    Json bad = good;
    bad[key] = value;
    WriteJsonFile(scratch / "run/run.json", bad);
    EXPECT_THAT(ErrorOf(ErrorKind::kData, [&] { ReadRun(scratch / "run"); }), HasSubstr("'" + key + "'"));
  }
}

TEST(RunFolder, FindsARecordedFileFromTheFoldersAboveTheRun) {
  const test::ScratchFolder scratch;
  MakeFolder(scratch / "work/runs/heads");
  MakeFolder(scratch / "work/data");
  WriteFileAtomically(scratch / "work/data/dev-of-this-test.json", "{}");
  const fs::path run = scratch / "work/runs/heads";
  EXPECT_EQ(FindRecorded(run, "data/dev-of-this-test.json"), scratch / "work/data/dev-of-this-test.json");
  EXPECT_EQ(FindRecorded(run, scratch / "work/data/dev-of-this-test.json"),
            scratch / "work/data/dev-of-this-test.json");
  EXPECT_EQ(FindRecorded(run, "dev-of-this-test.json"), std::nullopt);
  EXPECT_EQ(FindRecorded(run, scratch / "dev-of-this-test.json"), std::nullopt);
  EXPECT_EQ(FindRecorded(run, ""), std::nullopt);
}

}  // namespace
}  // namespace bv
