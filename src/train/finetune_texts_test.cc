// Fine-tuning of classifiers beside transformers: the losses of ten steps on the texts of the fixture
// (tests/fixtures/make_bert.py).
#include <gtest/gtest.h>

#include "base/file.h"
#include "tensorfile/tensor_file.h"
#include "train/finetuner.h"

namespace bv {
namespace {

const fs::path kFixtures = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert";

TaskWindows WindowsOf(const TensorFile& expected) {
  TaskWindows windows;
  const at::Tensor offsets = expected.Get("offsets"), ids = expected.Get("ids");
  const at::Tensor types = expected.Get("type_ids"), target = expected.Get("target");
  for (int64_t w = 0; w + 1 < offsets.size(0); ++w) {
    Window window;
    for (int64_t i = offsets[w].item<int64_t>(); i < offsets[w + 1].item<int64_t>(); ++i) {
      window.ids.push_back(ids[i].item<int32_t>());
      window.type_ids.push_back(types[i].item<uint8_t>());
    }
    window.ranges.resize(window.ids.size());
    windows.windows.push_back(std::move(window));
    windows.targets.push_back(target[w].item<float>());
  }
  return windows;
}

void ExpectLossesOfPyTorch(const std::string& fixture, TaskKind kind) {
  const TensorFile expected(kFixtures / fixture / "expected.safetensors");
  const at::Tensor losses = expected.Get("trajectory.loss");
  const TaskWindows windows = WindowsOf(expected);
  BertWeights weights = LoadBert(kFixtures / fixture);
  FineTuneOptions options;
  options.lr = 2e-3;
  options.batch_size = 3;
  options.epochs = 10.0 / 3;  // of three steps
  options.dropout = options.shuffle = false;
  FineTuner tuner(&weights, kind, windows, options);
  ASSERT_EQ(tuner.total_steps(), losses.size(0));
  for (int64_t step = 0; step < losses.size(0); ++step)
    EXPECT_NEAR(tuner.Step().loss, losses[step].item<double>(), 2e-4) << fixture << ", step " << step;
}

TEST(FineTuner, TenStepsOfClassesFollowPyTorchsLosses) {
  ExpectLossesOfPyTorch("classes", TaskKind::kClassification);
}

TEST(FineTuner, TenStepsOfARegressionFollowPyTorchsLosses) {
  ExpectLossesOfPyTorch("regression", TaskKind::kRegression);
}

}  // namespace
}  // namespace bv
