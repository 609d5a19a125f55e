#include "study/ledger.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/testing.h"

namespace bv::study {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using enum StepState;

// A store, heads on it, a report of them.
struct Study {
  test::ScratchFolder folder;
  fs::path out = folder / "out", data = folder / "data.json";
  std::vector<Step> steps;

  Study() {
    fs::create_directories(out);
    WriteFileAtomically(data, "some data");
    steps.resize(3);
    steps[0].kind = StepKind::kExtract;
    steps[0].name = "a/states";
    steps[0].args = {"extract", "--out", (out / "a/states").string()};
    steps[0].inputs = {data.string()};
    steps[1].kind = StepKind::kTrain;
    steps[1].name = "a/heads";
    steps[1].args = {"train", "--out", (out / "a/heads").string()};
    steps[1].heads = {"x"};
    steps[1].needs = {0};
    steps[2].kind = StepKind::kReport;
    steps[2].name = "a/report";
    steps[2].args = {"report"};
    steps[2].needs = {1};
  }
  std::vector<uint64_t> keys() const { return StepKeys(steps, out); }
  std::vector<StepState> states() const { return Ledger(out).States(steps, keys()); }
  void Do(size_t number) const {
    Ledger ledger(out);
    ledger.Begin(steps[number], ledger.States(steps, keys())[number], keys()[number]);
    WriteFileAtomically((MakeFolder(out / steps[number].name), out / steps[number].name / "made"), "x");
    ledger.Worked(steps[number], 2);
    ledger.Finish(steps[number], 1);
  }
  void DoAll() const {
    for (size_t i = 0; i < steps.size(); ++i) Do(i);
  }
};

TEST(Ledger, WhatIsDoneStaysDone) {
  const Study study;
  EXPECT_THAT(study.states(), ElementsAre(kOpen, kOpen, kOpen));
  study.Do(0);
  EXPECT_THAT(study.states(), ElementsAre(kDone, kOpen, kOpen));
  study.Do(1);
  study.Do(2);
  EXPECT_THAT(study.states(), ElementsAre(kDone, kDone, kDone));
  const Ledger ledger(study.out);
  EXPECT_EQ(ledger.Find("a/heads")->seconds, 2);
  EXPECT_THAT(ledger.Find("a/heads")->heads, ElementsAre("x"));
}

TEST(Ledger, AnInterruptedStepIsOpenAndKeepsWhatItHas) {
  const Study study;
  Ledger ledger(study.out);
  ledger.Begin(study.steps[0], kOpen, study.keys()[0]);
  MakeFolder(study.out / "a/states/part");
  ledger.Worked(study.steps[0], 3);
  EXPECT_THAT(study.states(), ElementsAre(kOpen, kOpen, kOpen));
  Ledger again(study.out);
  again.Begin(study.steps[0], kOpen, study.keys()[0]);
  EXPECT_TRUE(fs::exists(study.out / "a/states/part"));
  again.Worked(study.steps[0], 2);
  again.Finish(study.steps[0], 0);
  EXPECT_EQ(Ledger(study.out).Find("a/states")->seconds, 5);
}

TEST(Ledger, ChangedDataChangesEverythingAfterIt) {
  const Study study;
  study.DoAll();
  WriteFileAtomically(study.data, "other data");
  EXPECT_THAT(study.states(), ElementsAre(kChanged, kChanged, kChanged));
  Ledger ledger(study.out);
  ledger.Begin(study.steps[0], kChanged, study.keys()[0]);
  EXPECT_FALSE(fs::exists(study.out / "a/states"));
  EXPECT_TRUE(fs::exists(study.out / "a/heads")) << "its turn has not come";
}

TEST(Ledger, AChangedStepLeavesThoseBeforeItAlone) {
  Study study;
  study.DoAll();
  study.steps[1].args.emplace_back("--epochs=2");
  EXPECT_THAT(study.states(), ElementsAre(kDone, kChanged, kChanged));
}

TEST(Ledger, FurtherHeadsAreTrainedBesideThoseThatAreThere) {
  Study study;
  study.DoAll();
  study.steps[1].heads = {"x", "y"};
  EXPECT_THAT(study.states(), ElementsAre(kDone, kMoreHeads, kDone));
  study.Do(1);
  EXPECT_TRUE(fs::exists(study.out / "a/heads/made"));
  EXPECT_THAT(study.states(), ElementsAre(kDone, kDone, kDone));
  study.steps[1].heads = {"y"};
  EXPECT_THAT(study.states(), ElementsAre(kDone, kDone, kDone));
}

TEST(Ledger, AResultThatIsGoneIsMadeAgain) {
  const Study study;
  study.DoAll();
  fs::remove_all(study.out / "a/heads");
  EXPECT_THAT(study.states(), ElementsAre(kDone, kOpen, kDone));
}

TEST(Ledger, AStoreIsDeletedWhenNothingNeedsItAndMadeAgainWhenSomethingDoes) {
  Study study;
  study.Do(0);
  EXPECT_THAT(UnneededStores(study.steps, study.states()), IsEmpty());
  study.Do(1);
  ASSERT_THAT(UnneededStores(study.steps, study.states()), ElementsAre(0));
  Ledger(study.out).Delete(study.steps[0]);
  EXPECT_FALSE(fs::exists(study.out / "a/states"));
  study.Do(2);
  EXPECT_THAT(study.states(), ElementsAre(kDone, kDone, kDone));
  study.steps[1].heads = {"x", "y"};
  EXPECT_THAT(study.states(), ElementsAre(kAgain, kMoreHeads, kDone));
  study.Do(0);
  EXPECT_THAT(study.states(), ElementsAre(kDone, kMoreHeads, kDone));
}

TEST(Ledger, AStudyMayBeMoved) {
  Study study;
  study.DoAll();
  const fs::path other = study.folder / "elsewhere";
  fs::rename(study.out, other);
  for (Step& step : study.steps) {
    for (std::string& arg : step.args) {
      if (arg.starts_with(study.out.string())) arg.replace(0, study.out.string().size(), other.string());
    }
  }
  study.out = other;
  EXPECT_THAT(study.states(), ElementsAre(kDone, kDone, kDone));
}

TEST(Ledger, AFolderThatTheStudyHasNotBegunIsNeverTouched) {
  const Study study;
  WriteFileAtomically((MakeFolder(study.out / "a/states"), study.out / "a/states/mine"), "x");
  Ledger ledger(study.out);
  EXPECT_THROW(ledger.Begin(study.steps[0], kOpen, study.keys()[0]), Error);
  WriteFileAtomically(study.data, "other data");
  EXPECT_THAT(study.states(), ElementsAre(kOpen, kOpen, kOpen));
  EXPECT_TRUE(fs::exists(study.out / "a/states/mine"));
}

TEST(Ledger, WhatIsLeftOfAStoreHalfDeletedIsRemovedBeforeItIsMadeAgain) {
  Study study;
  study.DoAll();
  Ledger ledger(study.out);
  ledger.Delete(study.steps[0]);
  MakeFolder(study.out / "a/states/left");
  study.steps[1].heads = {"y"};
  ASSERT_THAT(study.states(), ElementsAre(kAgain, kMoreHeads, kDone));
  ledger.Begin(study.steps[0], kAgain, study.keys()[0]);
  EXPECT_FALSE(fs::exists(study.out / "a/states"));
}

TEST(Ledger, HeadsOfAnInterruptedTrainingComeBeforeFurtherOnes) {
  Study study;
  study.Do(0);
  Ledger ledger(study.out);
  study.steps[1].heads = {"x", "y"};
  EXPECT_THAT(ledger.HeadsFirst(study.steps[1]), IsEmpty());
  ledger.Begin(study.steps[1], kOpen, study.keys()[1]);
  EXPECT_THAT(ledger.HeadsFirst(study.steps[1]), IsEmpty());
  study.steps[1].heads = {"x"};
  EXPECT_THAT(ledger.HeadsFirst(study.steps[1]), IsEmpty()) << "fewer can go on";
  study.steps[1].heads = {"x", "y", "z"};
  EXPECT_THAT(Ledger(study.out).HeadsFirst(study.steps[1]), ElementsAre("x", "y"));
  ledger.Finish(study.steps[1], 0);
  EXPECT_THAT(ledger.HeadsFirst(study.steps[1]), IsEmpty());
}

TEST(Ledger, ResultsOutsideThePlanAreNamed) {
  Study study;
  study.DoAll();
  study.steps.erase(study.steps.begin() + 2);
  EXPECT_THAT(Ledger(study.out).LeftOver(study.steps), ElementsAre("a/report"));
}

TEST(Ledger, MeasuredFiguresAreKept) {
  const Study study;
  EXPECT_EQ(Ledger(study.out).Measured("x"), nullptr);
  Ledger(study.out).KeepMeasured("x", 3);
  EXPECT_EQ(*Ledger(study.out).Measured("x"), 3);
}

TEST(Ledger, DamageIsNamed) {
  const Study study;
  study.DoAll();
  const std::string good = ReadFile(study.out / "study.json");
  for (const std::string& bad :
       {good.substr(0, good.size() / 2), std::string("[]"), std::string(R"({"version": 99})"),
        std::string(R"({"version": 1, "steps": {"a": {"key": 3}}, "measured": {}})")}) {
    WriteFileAtomically(study.out / "study.json", bad);
    EXPECT_THROW(Ledger{study.out}, Error) << bad;
  }
}

}  // namespace
}  // namespace bv::study
