// Fine-tuning of classifiers beside transformers: the losses of ten steps on the texts of the fixture
// (tests/fixtures/make_bert.py), and what dropout does to gradients.
#include <gtest/gtest.h>

#include <map>

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

// With dropout the masks differ from transformers', so what has to agree is the law of the gradients: their
// mean and their mean square over many masks (tests/fixtures/make_dropout.py). A dropout that is missing,
// doubled, of another rate or the same in two places moves these by more than the tolerance.
struct Law {
  at::Tensor sum;
  double square = 0;
};

TEST(FineTuner, GradientsWithDropoutHaveTransformersMeanAndSpread) {
  const TensorFile wanted(kFixtures / "classes" / "dropout.safetensors");
  const TaskWindows windows = WindowsOf(TensorFile(kFixtures / "classes" / "expected.safetensors"));
  BertWeights weights = LoadBert(kFixtures / "classes");
  constexpr int64_t kPasses = 1500;
  FineTuneOptions options;
  options.lr = 0;  // the weights stay; every step draws new masks
  options.clip_norm = 0;
  options.batch_size = static_cast<int64_t>(windows.windows.size());
  options.epochs = kPasses;
  FineTuner tuner(&weights, TaskKind::kClassification, windows, options);
  std::map<std::string, Law> laws;
  double loss = 0, loss_square = 0;
  for (int64_t pass = 0; pass < kPasses; ++pass) {
    const double value = tuner.Step().loss;
    loss += value / kPasses;
    loss_square += value * value / kPasses;
    for (const auto* list : {&weights.encoder, &weights.pooler, &weights.output}) {
      for (const auto& [name, tensor] : *list) {
        Law& law = laws[name];
        const at::Tensor gradient = tensor.grad().to(at::kDouble);
        law.sum = law.sum.defined() ? law.sum.add_(gradient) : gradient.clone();
        law.square += gradient.square().sum().item<double>() / kPasses;
      }
    }
  }
  const auto* of_loss = wanted.Get("loss").const_data_ptr<double>();
  EXPECT_NEAR(loss, of_loss[0], 0.01 * of_loss[0]);
  EXPECT_NEAR(loss_square - loss * loss, of_loss[1], 0.1 * of_loss[1]);
  for (const auto& [name, law] : laws) {
    if (name.ends_with("key.bias")) continue;  // rounding alone: it moves all scores of a softmax alike
    const auto* expected = wanted.Get(name).const_data_ptr<double>();
    const double of_mean = law.sum.square().sum().item<double>() / kPasses / kPasses;
    const double mean = (kPasses * of_mean - law.square) / (kPasses - 1);
    EXPECT_NEAR(law.square, expected[1], 0.05 * expected[1]) << name;
    EXPECT_NEAR(mean, expected[0], 0.05 * expected[1]) << name;
  }
}

}  // namespace
}  // namespace bv
