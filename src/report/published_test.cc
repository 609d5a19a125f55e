#include "report/published.h"

#include <gtest/gtest.h>

#include <set>

namespace bv {
namespace {

ReportSystem OfThePaper() {
  ReportSystem system;
  system.head = "adapter-386-shared-skip";
  system.epochs = 0.3;
  system.layers = 25;
  system.hidden = 1024;
  system.train_windows = 131754;
  system.metrics = {{"eval_total", 11873}, {"eval_HasAns_total", 5928}, {"eval_NoAns_total", 5945}};
  return system;
}

TEST(Published, EveryRowStandsOnceAndIsPossible) {
  std::set<std::pair<std::string, double>> seen;
  std::set<std::string> heads;
  for (const PublishedScore& row : PublishedScores()) {
    EXPECT_TRUE(seen.insert({row.system, row.epochs}).second) << row.system;
    EXPECT_TRUE(row.exact > 0 && row.exact <= row.f1 && row.f1 < 100) << row.system;
    EXPECT_GT(row.parameters, 2000) << row.system;
    if (row.kind == SystemKind::kHead) heads.insert(row.system);
  }
  EXPECT_EQ(heads.size(), 20u);
}

TEST(Published, TheBestRowsAreThoseThePaperNames) {
  const auto scores = PublishedScores();
  const auto best = [&](double epochs) {
    const PublishedScore* found = nullptr;
    for (const PublishedScore& row : scores) {
      if (row.epochs == epochs && (found == nullptr || row.exact > found->exact)) found = &row;
    }
    return *found;
  };
  EXPECT_STREQ(best(0.3).system, "adapter-386-shared-skip");
  EXPECT_EQ(best(0.3).f1, 74.0);
  EXPECT_STREQ(best(1).system, "adapter-386-shared");
  EXPECT_EQ(best(1).exact, 74.9);
}

TEST(Published, StandsBesideTheSameBackboneAndDataOnly) {
  const auto found = PublishedFor(OfThePaper());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->exact, 69.9);
  for (const auto& change : std::vector<void (*)(ReportSystem*)>{
           [](ReportSystem* s) { s->layers = 13; }, [](ReportSystem* s) { s->hidden = 768; },
           [](ReportSystem* s) { s->train_windows = 0; }, [](ReportSystem* s) { s->train_windows = 13175; },
           [](ReportSystem* s) { s->metrics[1].second = 5000; },
           [](ReportSystem* s) {
             s->metrics = {{"eval_total", 500}};
           },
           [](ReportSystem* s) { s->metrics = {}; }, [](ReportSystem* s) { s->epochs.reset(); },
           [](ReportSystem* s) { s->epochs = 0.5; }, [](ReportSystem* s) { s->head = "last-layer"; }}) {
    ReportSystem other = OfThePaper();
    change(&other);
    EXPECT_FALSE(PublishedFor(other));
  }
  ReportSystem bert = OfThePaper();
  bert.kind = SystemKind::kBert;
  EXPECT_EQ(PublishedFor(bert)->f1, 70.2);
}

}  // namespace
}  // namespace bv
