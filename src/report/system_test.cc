#include "report/system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json.h"
#include "base/testing.h"
#include "report/testing.h"

namespace bv {
namespace {

ReportSystem Detailed(const ReportSystem& system) {
  std::vector<ReportSystem> systems = {system};
  ReadDetails(&systems);
  return systems[0];
}

TEST(ReadDetails, HeadKnowsItsBackboneDataAndHistory) {
  const ReportSystem head = Detailed(test::FixtureHead("heads-0.3/learned-pooling"));
  EXPECT_EQ(head.epochs, 0.3);  // by the name of its backbone
  EXPECT_EQ(head.layers, 3);
  EXPECT_EQ(head.hidden, 20);
  EXPECT_EQ(head.train_windows, 320);  // 40 steps of 16 in 2 epochs
  EXPECT_EQ(head.dev_hash.size(), 16u);
  EXPECT_EQ(head.precision, "bf16");
  EXPECT_EQ(head.version, "0.1.0");
  EXPECT_EQ(head.history.size(), 42u);
}

TEST(ReadDetails, CheckpointKnowsItsOwnSizes) {
  const ReportSystem bert = Detailed(test::FixtureBert("epoch-1", 1, 75, 83));
  EXPECT_EQ(bert.epochs, 1);
  EXPECT_EQ(bert.layers, 3);
  EXPECT_EQ(bert.hidden, 20);
}

// A copy of a head's run with another backbone in run.json.
ReportSystem HeadOn(const fs::path& folder, const std::string& backbone, const std::string& fingerprint) {
  const ReportSystem original = test::FixtureHead("heads-1/learned-pooling");
  fs::copy(original.folder, folder, fs::copy_options::recursive);
  OrderedJson run = OrderedJson::parse(ReadFile(folder / "run.json"));
  run["inputs"]["backbone"] = backbone;
  run["inputs"]["backbone_fingerprint"] = fingerprint;
  WriteJsonFile(folder / "run.json", run);
  ReportSystem system = original;
  system.folder = system.run = folder;
  return system;
}

TEST(ReadDetails, EpochsOfAHeadAreThoseOfItsBackbone) {
  const test::ScratchFolder scratch;
  const ReportSystem bert = test::FixtureBert("epoch-1", 0.7, 75, 83);  // named 1, but its run says 0.7
  std::vector<ReportSystem> systems = {HeadOn(scratch / "a", bert.folder.string() + "/", "b1"),
                                       HeadOn(scratch / "b", "/gone/epoch-0.25", "b2"),
                                       HeadOn(scratch / "c", "small", "00000000000000b0"),
                                       HeadOn(scratch / "d", "/models/epoch-making", "b4"),
                                       HeadOn(scratch / "e", "/models/epoch-1e999", "b5"),
                                       bert};
  ReadDetails(&systems);
  EXPECT_EQ(systems[0].epochs, 0.7);
  EXPECT_EQ(systems[1].epochs, 0.25);
  EXPECT_EQ(systems[2].epochs, 0);  // the model that fine-tuning began with
  EXPECT_EQ(systems[3].epochs, std::nullopt);
  EXPECT_EQ(systems[4].epochs, std::nullopt);
}

}  // namespace
}  // namespace bv
