#include "report/report_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json.h"
#include "base/strings.h"
#include "base/testing.h"
#include "report/testing.h"

namespace bv {
namespace {

using testing::ElementsAre;

// Copies of one head's run that differ as told.
class Rows : public testing::Test {
 protected:
  void Add(const std::string& name, int64_t seed, double f1,
           const OrderedJson& options = OrderedJson::object(),
           const OrderedJson& inputs = OrderedJson::object()) {
    const ReportSystem original = test::FixtureHead("heads-1/learned-pooling");
    ReportSystem system = original;
    system.name = name;
    system.folder = system.run = scratch_ / name;
    MakeFolder(system.folder.parent_path());
    fs::copy(original.folder, system.folder, fs::copy_options::recursive);
    OrderedJson run = OrderedJson::parse(ReadFile(system.run / "run.json"));
    run["seeds"]["seed"] = seed;
    for (const auto& [option, value] : options.items())
      run["options"][option] = OrderedJson{{"value", value}, {"from", "command line"}};
    run["inputs"].update(inputs);
    WriteJsonFile(system.run / "run.json", run);
    system.metrics = {{"eval_exact", 10}, {"eval_f1", f1}};
    system.seconds = f1;
    systems_.push_back(system);
  }

  std::vector<std::string> Names(const std::vector<ReportRow>& rows) {
    std::vector<std::string> names;
    names.reserve(rows.size());
    for (const ReportRow& row : rows) names.push_back(row.system.name);
    return names;
  }

  test::ScratchFolder scratch_;
  std::vector<ReportSystem> systems_;
};

TEST_F(Rows, RunsThatDifferOnlyBySeedShareALineWithMeanLowestAndHighest) {
  Add("seed-1/a", 1, 40, {{"out", "x"}});
  Add("seed-2/a", 2, 44, {{"out", "y"}});
  Add("seed-3/a", 3, 45);
  const auto rows = GatherSeeds(systems_);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].system.name, "seed-*/a (3 seeds)");
  EXPECT_EQ(FindMetric(rows[0].system.metrics, {"eval_f1"}), 43);
  EXPECT_EQ(rows[0].spread.at("eval_f1").low, 40);
  EXPECT_EQ(rows[0].spread.at("eval_f1").high, 45);
  EXPECT_EQ(rows[0].system.seconds, 43);
  EXPECT_THAT(Names(SingleRows(systems_)), ElementsAre("seed-1/a", "seed-2/a", "seed-3/a"));
}

TEST_F(Rows, OtherOptionsDataOrBackbonesAreOtherLines) {
  Add("a", 1, 40);
  Add("b", 2, 40, {{"lr", 0.5}});
  Add("c", 3, 40, OrderedJson::object(), {{"data_hash", "00000000000000ff"}});
  Add("d", 4, 40, OrderedJson::object(), {{"backbone_fingerprint", "00000000000000ff"}});
  Add("e", 5, 40, {{"fraction", 0.5}});
  EXPECT_EQ(GatherSeeds(systems_).size(), 5u);
}

TEST_F(Rows, TheSameSeedTwiceIsNoSecondSeed) {
  Add("x", 1, 40);
  Add("y", 1, 40);
  Add("z", 2, 50);
  EXPECT_THAT(Names(GatherSeeds(systems_)), ElementsAre("* (2 seeds)", "y"));
}

TEST_F(Rows, LinesOfOneNameAreToldApartByTheirMembers) {
  Add("a/h", 1, 40);
  Add("b/h", 2, 40);
  Add("c/h", 1, 40, {{"lr", 0.5}});
  Add("d/h", 2, 40, {{"lr", 0.5}});
  EXPECT_THAT(Names(GatherSeeds(systems_)), ElementsAre("a/h … b/h (2 seeds)", "c/h … d/h (2 seeds)"));
}

// As `finetune` and `train` leave them: each head on the checkpoint of a fine-tuning of its own.
TEST_F(Rows, HeadsOnFineTuningsThatDifferOnlyBySeedShareALine) {
  for (const int seed : {1, 2}) {
    const std::string tuning = Cat("ft-", seed);
    MakeFolder(scratch_ / tuning / "epoch-1");
    OrderedJson run = OrderedJson::parse(ReadFile(test::ReportFixtures() / "runs/finetune/run.json"));
    run["seeds"]["seed"] = seed;
    WriteJsonFile(scratch_ / tuning / "run.json", run);
    Add(Cat("heads-", seed), seed, 40 + seed, OrderedJson::object(),
        {{"backbone", (scratch_ / tuning / "epoch-1").string()}, {"backbone_fingerprint", Cat("b", seed)}});
  }
  EXPECT_THAT(Names(GatherSeeds(systems_)), ElementsAre("heads-* (2 seeds)"));
  EXPECT_THAT(SettingOf(systems_[1])->seeds, ElementsAre(2, 2));
}

TEST_F(Rows, FractionsOfOneSettingAreACurve) {
  Add("0.1/a", 1, 20, {{"fraction", 0.1}});
  Add("1/a", 1, 40, {{"fraction", 1}});
  Add("1/b", 1, 40, {{"lr", 0.5}, {"fraction", 1}});
  const auto rows = GatherSeeds(systems_);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].curve, rows[1].curve);
  EXPECT_NE(rows[0].curve, rows[2].curve);
  EXPECT_EQ(rows[0].fraction, 0.1);
  EXPECT_THAT(InsideOfCurves(rows), ElementsAre(true, false, false));
}

TEST(CommonName, KeepsWhatAllPartsShare) {
  EXPECT_EQ(CommonName({"seed-1/a", "seed-12/a"}), "seed-*/a");
  EXPECT_EQ(CommonName({"0.1/a", "0.25/a"}), "*/a");
  EXPECT_EQ(CommonName({"s1-big", "s2-big"}), "s*-big");
  EXPECT_EQ(CommonName({"aa", "aaa"}), "aa*");
  EXPECT_EQ(CommonName({"x/a", "a"}), "x/a … a");
  EXPECT_EQ(CommonName({"only"}), "only");
}

}  // namespace
}  // namespace bv
