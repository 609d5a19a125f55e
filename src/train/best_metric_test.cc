#include "train/best_metric.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"

namespace bv {
namespace {

const Task kCola{TaskKind::kClassification, "cola", {"0", "1"}};
const Task kValues{TaskKind::kRegression, "regression", {}};

TEST(BestMetric, WithoutAWishItIsF1OrTheTasksFirstScore) {
  EXPECT_EQ(BestMetric("", Task{}).name(), "f1");
  EXPECT_EQ(BestMetric("", kCola).name(), "matthews");
  EXPECT_EQ(BestMetric("", kValues).name(), "pearson");
  EXPECT_EQ(BestMetric("", (Task{TaskKind::kClassification, "mrpc", {"0", "1"}})).name(), "f1");
}

TEST(BestMetric, LossesAndErrorsAreBetterWhenTheyAreSmaller) {
  const Metrics better = {{"pearson", 0.9}, {"mse", 0.1}, {"loss", 0.2}};
  const Metrics worse = {{"pearson", 0.5}, {"mse", 0.4}, {"loss", 0.3}};
  for (const char* name : {"pearson", "mse", "loss"}) {
    const BestMetric metric(name, kValues);
    EXPECT_GT(metric.Goodness(better), metric.Goodness(worse)) << name;
    EXPECT_EQ(metric.Score(metric.Goodness(worse)), worse[name == std::string("pearson") ? 0
                                                          : name == std::string("mse")   ? 1
                                                                                         : 2]
                                                        .second);
  }
}

TEST(BestMetric, AnUndefinedScoreIsWorseThanAnyOther) {
  const BestMetric metric("", kCola);
  EXPECT_LT(metric.Goodness({{"matthews", std::nan("")}}), metric.Goodness({{"matthews", -1}}));
  EXPECT_TRUE(std::isnan(metric.Score(metric.Goodness({{"matthews", std::nan("")}}))));
}

TEST(BestMetric, SquadOnePointOneHasOtherNames) {
  EXPECT_EQ(BestMetric("exact", Task{}).Goodness({{"exact_match", 40}, {"f1", 50}}), 40);
  EXPECT_EQ(BestMetric("best_f1", Task{}).Goodness({{"exact_match", 40}, {"f1", 50}}), 50);
}

TEST(BestMetric, OtherNamesAreRefusedWithThoseThatThereAre) {
  try {
    const BestMetric best("runtime", kCola);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("matthews, accuracy, loss"));
  }
}

}  // namespace
}  // namespace bv
