#include "report/system_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"
#include "report/testing.h"

namespace bv {
namespace {

using testing::HasSubstr;

const BootstrapOptions kFew = {.resamples = 500};

std::vector<ReportSystem> TwoHeads() {
  std::vector<ReportSystem> systems = {test::FixtureHead("heads-1/learned-pooling"),
                                       test::FixtureHead("heads-1/adapter-64-shared-skip")};
  ReadDetails(&systems);
  return systems;
}

TEST(ScoreSystems, IntervalsSurroundTheRecordedScores) {
  const auto systems = TwoHeads();
  const DevData data = FindDevData(systems, {});
  ASSERT_EQ(data.groups.size(), 1u);
  EXPECT_EQ(data.groups[0].systems, (std::vector<size_t>{0, 1}));
  const ScoredSystems scored = ScoreSystems(systems, data, kFew);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(scored.why_not[i], "");
    ASSERT_TRUE(scored.intervals[i]);
    const double exact = *FindMetric(systems[i].metrics, {"eval_exact"});
    EXPECT_LT(scored.intervals[i]->at("EM").low, exact);
    EXPECT_GT(scored.intervals[i]->at("EM").high, exact);
    EXPECT_TRUE(scored.intervals[i]->contains("HasAns F1") && scored.intervals[i]->contains("NoAns"));
  }
  ASSERT_EQ(scored.groups[0].exact.size(), 2u);
  EXPECT_EQ(scored.groups[0].exact[0].size(), 12u);
}

TEST(ScoreSystems, WithoutResamplesThereAreScoresAndNoIntervals) {
  const auto systems = TwoHeads();
  const ScoredSystems scored = ScoreSystems(systems, FindDevData(systems, {}), {.resamples = 0});
  EXPECT_FALSE(scored.intervals[0]);
  EXPECT_THAT(scored.why_not[0], HasSubstr("no resamples"));
  EXPECT_EQ(scored.groups[0].f1[1].size(), 12u);
}

TEST(ScoreSystems, PredictionsThatWereChangedGetNoInterval) {
  auto systems = TwoHeads();
  for (auto& [name, value] : systems[1].metrics) {
    if (name == "eval_exact") value += 0.01;
  }
  const ScoredSystems scored = ScoreSystems(systems, FindDevData(systems, {}), kFew);
  EXPECT_TRUE(scored.intervals[0]);
  EXPECT_FALSE(scored.intervals[1]);
  EXPECT_THAT(scored.why_not[1], HasSubstr("has changed since"));
}

// Copies of the two runs where no dev.json lies above them.
std::vector<ReportSystem> Moved(const fs::path& folder) {
  auto systems = TwoHeads();
  for (ReportSystem& system : systems) {
    const fs::path to = folder / system.head;
    fs::copy(system.folder, to, fs::copy_options::recursive);
    system.folder = system.run = to;
  }
  return systems;
}

TEST(FindDevData, SaysWhyThereIsNone) {
  const test::ScratchFolder scratch;
  auto systems = Moved(scratch.path());
  EXPECT_THAT(FindDevData(systems, {}).why_not[0], HasSubstr("the dev data dev.json is not found; --data"));
  WriteFileAtomically(scratch / "dev.json", "{}");
  EXPECT_THAT(FindDevData(systems, {}).why_not[0], HasSubstr("has changed since"));
  WriteFileAtomically(systems[0].folder / "predictions.json", R"({"x": ""})");
  EXPECT_THAT(FindDevData(systems, test::ReportFixtures() / "dev.json").why_not[0],
              HasSubstr("answers none"));
  systems[0].dev_hash.clear();
  EXPECT_THAT(FindDevData(systems, {}).why_not[0], HasSubstr("did not record"));
  fs::remove(systems[0].folder / "predictions.json");
  EXPECT_THAT(FindDevData(systems, {}).why_not[0], HasSubstr("no predictions.json"));
  EXPECT_TRUE(FindDevData(systems, {}).groups.empty());
}

TEST(FindDevData, AGivenFileOrAnotherSystemsLeadsToTheData) {
  const test::ScratchFolder scratch;
  auto systems = Moved(scratch.path());
  EXPECT_EQ(FindDevData(systems, test::ReportFixtures() / "dev.json").groups.size(), 1u);
  systems[1].dev = test::ReportFixtures() / "dev.json";
  const DevData data = FindDevData(systems, {});
  EXPECT_EQ(data.why_not, (std::vector<std::string>{"", ""}));
}

TEST(FindDevData, SystemsThatAnsweredAPartAreAGroupOfTheirOwn) {
  const test::ScratchFolder scratch;
  auto systems = Moved(scratch.path());
  WriteFileAtomically(systems[1].folder / "predictions.json", R"({"l2": "1851", "l1": ""})");
  const DevData data = FindDevData(systems, test::ReportFixtures() / "dev.json");
  ASSERT_EQ(data.groups.size(), 2u);
  EXPECT_EQ(data.groups[0].data.examples.size(), 12u);
  ASSERT_EQ(data.groups[1].data.examples.size(), 2u);
  EXPECT_EQ(data.groups[1].data.examples[0].id, "l1");
  EXPECT_FALSE(data.groups[1].data.has_impossible);
}

}  // namespace
}  // namespace bv
