#include "analysis/run_set.h"

#include <gmock/gmock.h>

#include "analysis/testing.h"
#include "base/error.h"
#include "base/testing.h"

namespace bv {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kData = R"({"version": "v2.0", "data": [{"title": "t", "paragraphs": [
  {"context": "alpha beta gamma delta", "qas": [{"id": "q0", "question": "q", "is_impossible": false,
   "answers": [{"text": "alpha", "answer_start": 0}]}]},
  {"context": "alpha beta gamma delta", "qas": [{"id": "q1", "question": "q", "answers": [],
   "is_impossible": true}]}]}]})";

class RunSets : public testing::Test {
 protected:
  RunSets() {
    WriteFileAtomically(data_, kData);
    questions_ = ReadSquad(data_);
    Write("ft/epoch-1", {{0, {5}}, {5, {1}}});
    Write("ft/epoch-2", {{0, {5}}, {0, {1}}});
    Write("head", {{5, {1}}, {5, {1}}});
  }
  void Write(const std::string& name, const std::vector<test::Said>& said, int32_t stride = 8) {
    MakeFolder(folder_ / name);
    WriteLogits(folder_ / name, test::MakeLogits(questions_, said),
                OriginOf(questions_, {{48, stride}, "00000000000000ff"}), {});
  }
  std::string ErrorOf(const std::vector<fs::path>& folders, const fs::path& data = {}) const {
    try {
      LoadRuns(folders, data, 1);
    } catch (const Error& error) {
      return error.what();
    }
    return "(no error)";
  }
  test::ScratchFolder folder_;
  fs::path data_ = folder_ / "dev.json";
  QaData questions_;
};

TEST_F(RunSets, RunsAndFoldersOfRunsAreFoundAndNamed) {
  const RunSet set = LoadRuns({folder_ / "head/", folder_ / "ft"}, "", 1);
  ASSERT_EQ(set.runs.size(), 3u);
  EXPECT_EQ(set.runs[0].name, "head");
  EXPECT_EQ(set.runs[1].name, "ft/epoch-1");
  EXPECT_EQ(set.runs[2].name, "ft/epoch-2");
  EXPECT_EQ(set.runs[0].scores->all.exact, 50);
  EXPECT_EQ(set.runs[1].scores->all.exact, 100);
  EXPECT_EQ(set.runs[2].scores->all.exact, 50);
}

TEST_F(RunSets, NamesAreCutToWhatTellsThemApart) {
  EXPECT_THAT(ShortNames({"/a/b/c", "/a/b/d/e"}), ElementsAre("c", "d/e"));
  EXPECT_THAT(ShortNames({"/a/b/c"}), ElementsAre("c"));
  EXPECT_THAT(ShortNames({"/a/b", "/a/b/c"}), ElementsAre("b", "b/c"));
  EXPECT_TRUE(ShortNames({}).empty());
}

TEST_F(RunSets, WhatDoesNotBelongTogetherIsRefused) {
  Write("other", {{0, {5}}, {5, {1}}}, 9);
  EXPECT_THAT(ErrorOf({folder_ / "head", folder_ / "other"}), HasSubstr("the stride of windows is 8 in"));
  EXPECT_THAT(ErrorOf({folder_ / "head", folder_ / "head"}), HasSubstr("is given twice"));
  EXPECT_THAT(ErrorOf({folder_ / "nowhere"}), HasSubstr("the folder does not exist"));
  EXPECT_THAT(ErrorOf({data_}), HasSubstr("not a folder"));
  MakeFolder(folder_ / "empty");
  EXPECT_THAT(ErrorOf({folder_ / "empty"}), HasSubstr("it was never evaluated"));
}

TEST_F(RunSets, HalfWrittenFoldersAreNoRuns) {
  Write("ft/epoch-3.partial-new", {{0, {5}}, {5, {1}}});
  EXPECT_EQ(FindLogits({folder_ / "ft"}).size(), 2u);
}

TEST_F(RunSets, MovedQuestionsAreNamedByTheUser) {
  const fs::path moved = folder_ / "moved.json";
  fs::rename(data_, moved);
  EXPECT_THAT(ErrorOf({folder_ / "head"}), HasSubstr("--data"));
  EXPECT_EQ(ErrorOf({folder_ / "head"}, moved), "(no error)");
}

}  // namespace
}  // namespace bv
