#include "train/finetune_setup.h"

#include <ATen/ops/equal.h>
#include <gmock/gmock.h>

#include "base/file.h"

namespace bv {
namespace {

using testing::ElementsAre;

const fs::path kModel = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert/qa";

Task Labels(std::vector<std::string> labels) {
  return {.kind = TaskKind::kClassification, .name = "classification", .labels = std::move(labels)};
}

TEST(GiveTaskOutput, KeepsTheLayerOfTheSameTaskAndMakesOneForAnother) {
  BertWeights weights = LoadBert(kModel);
  ASSERT_TRUE(weights.has_span_output());
  const at::Tensor of_spans = weights.output[0].tensor;
  GiveTaskOutput(Task(), {}, &weights);
  EXPECT_TRUE(at::equal(weights.output[0].tensor, of_spans));

  GiveTaskOutput(Labels({"no", "yes"}), {}, &weights);
  ASSERT_TRUE(weights.has_class_output());
  EXPECT_THAT(weights.config.labels, ElementsAre("no", "yes"));
  const at::Tensor of_labels = weights.output[0].tensor;
  GiveTaskOutput(Labels({"no", "yes"}), {.seed = 2}, &weights);
  EXPECT_TRUE(at::equal(weights.output[0].tensor, of_labels));
  GiveTaskOutput(Labels({"yes", "no"}), {.seed = 2}, &weights);
  EXPECT_FALSE(at::equal(weights.output[0].tensor, of_labels));
  GiveTaskOutput({.kind = TaskKind::kRegression, .name = "regression", .labels = {}}, {}, &weights);
  EXPECT_THAT(weights.config.labels, ElementsAre("score"));
}

TEST(FineTuneMemory, IsThatOfTheLongestWindowsOfABatch) {
  const BertWeights weights = LoadBert(kModel);
  std::vector<Window> windows(8);
  for (size_t i = 0; i < windows.size(); ++i) windows[i].ids.resize(10 * (i + 1));
  const FineTuneOptions training = {.batch_size = 2};
  const int64_t all = FineTuneMemory(weights, windows, training);
  windows.erase(windows.begin(), windows.end() - 3);
  EXPECT_EQ(FineTuneMemory(weights, windows, training), all);
  EXPECT_LT(FineTuneMemory(weights, windows, {.batch_size = 2, .accumulate = 2}), all);
}

}  // namespace
}  // namespace bv
