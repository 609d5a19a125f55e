#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/equal.h>
#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "base/error.h"
#include "base/testing.h"
#include "train/checkpoint_folder.h"
#include "train/finetune_run.h"

namespace bv {
namespace {

const fs::path kModel = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert/qa";

// The windows of the fixture; ranges are unimportant here.
std::vector<Window> FixtureWindows() {
  const TensorFile file(kModel / "expected.safetensors");
  const auto *ids = file.Get("ids").const_data_ptr<int64_t>(),
             *types = file.Get("type_ids").const_data_ptr<int64_t>();
  const at::Tensor offsets = file.Get("offsets");
  std::vector<Window> windows;
  for (int64_t w = 0; w + 1 < offsets.size(0); ++w) {
    Window window;
    for (int64_t i = offsets[w].item<int64_t>(); i < offsets[w + 1].item<int64_t>(); ++i) {
      window.ids.push_back(static_cast<int32_t>(ids[i]));
      window.type_ids.push_back(static_cast<uint8_t>(types[i]));
    }
    window.ranges.resize(window.ids.size());
    windows.push_back(std::move(window));
  }
  return windows;
}

// The batches of the fixture's trajectory: step s takes windows 4s … 4s+3 (wrapping), in this order and with
// labels of its own, so each step has windows of its own here.
std::vector<Window> TrajectoryWindows(int64_t step) {
  static const std::vector<Window> all = FixtureWindows();
  std::vector<Window> batch;
  for (int64_t k = 0; k < 4; ++k) {
    Window window = all[static_cast<size_t>((step * 4 + k) % static_cast<int64_t>(all.size()))];
    const auto length = static_cast<int64_t>(window.ids.size());
    window.start = static_cast<int32_t>((step + k) % length);
    window.end = static_cast<int32_t>((step + 2 * k) % length);
    batch.push_back(std::move(window));
  }
  return batch;
}

TEST(FineTuner, FiftyStepsFollowPyTorchsLossesAndWeights) {
  const TensorFile expected(kModel / "expected.safetensors");
  const at::Tensor losses = expected.Get("trajectory.loss");
  BertWeights weights = LoadBert(kModel);
  FineTuneOptions options;
  options.lr = 2e-3;
  options.batch_size = 4;
  options.dropout = false;
  // The windows of all steps in one list, visited in order.
  TaskWindows windows;
  for (int64_t step = 0; step < 50; ++step) {
    for (auto& window : TrajectoryWindows(step)) windows.windows.push_back(std::move(window));
  }
  options.epochs = 1;
  options.shuffle = false;
  FineTuner tuner(&weights, TaskKind::kSpan, windows, options);
  ASSERT_EQ(tuner.total_steps(), 50);
  for (int64_t step = 0; step < 50; ++step) {
    EXPECT_NEAR(tuner.Step().loss, losses[step].item<double>(), 2e-4) << "step " << step;
  }
  for (const auto* list : {&weights.encoder, &weights.output}) {
    for (const auto& [name, tensor] : *list) {
      // These move all logits or all scores of a window alike, so their gradients are rounding noise, which
      // Adam magnifies: PyTorch in double is as far from PyTorch in fp32. All others agree there to 1e-6.
      if (name == "qa_outputs.bias" || name == "encoder.layer.1.output.LayerNorm.bias" ||
          name.ends_with("key.bias"))
        continue;
      const at::Tensor wanted = expected.Get("trajectory." + name);
      EXPECT_LT(at::abs(tensor.detach() - wanted).max().item<double>(), 5e-5) << name;
    }
  }
}

// Exactly, so that no tolerance can hide a parameter in the wrong group: a decay changes what it acts on, and
// nothing else, in the first step.
TEST(FineTuner, WeightDecayActsOnAllButBiasesAndLayerNorms) {
  const TaskWindows windows = {FixtureWindows(), {}};
  for (const auto& recipe : {"default", "paper-torch"}) {
    FineTuneOptions options = RecipeDefaults(ParseRecipe(recipe), 20);
    options.warmup = 0;  // the first step of a warm-up has a rate of 0
    options.lr = 1e-3;
    options.dropout = false;
    BertWeights decayed = LoadBert(kModel), plain = LoadBert(kModel);
    options.weight_decay = 0.5;
    FineTuner(&decayed, TaskKind::kSpan, windows, options).Step();
    options.weight_decay = 0;
    FineTuner(&plain, TaskKind::kSpan, windows, options).Step();
    for (const auto& [left, right] :
         {std::pair(&decayed.encoder, &plain.encoder), std::pair(&decayed.output, &plain.output)}) {
      for (size_t i = 0; i < left->size(); ++i) {
        const std::string& name = (*left)[i].name;
        const bool exempt = name.ends_with(".bias") || name.find("LayerNorm") != std::string::npos;
        EXPECT_EQ(at::equal((*left)[i].tensor, (*right)[i].tensor), exempt) << recipe << " " << name;
      }
    }
  }
}

FineTuneOptions SmallRun() {
  FineTuneOptions options;
  options.epochs = 3;
  options.lr = 1e-3;
  options.batch_size = 3;
  return options;
}

void ExpectSameWeights(const BertWeights& a, const BertWeights& b) {
  for (size_t i = 0; i < a.encoder.size(); ++i) {
    EXPECT_TRUE(at::equal(a.encoder[i].tensor, b.encoder[i].tensor)) << a.encoder[i].name;
  }
  for (size_t i = 0; i < a.output.size(); ++i) EXPECT_TRUE(at::equal(a.output[i].tensor, b.output[i].tensor));
}

TEST(FineTuner, ResumedAtAnyStepEndsBitIdentical) {
  const TaskWindows windows = {FixtureWindows(), {}};
  BertWeights whole = LoadBert(kModel);
  FineTuner uninterrupted(&whole, TaskKind::kSpan, windows, SmallRun());
  while (uninterrupted.step() < uninterrupted.total_steps()) uninterrupted.Step();
  for (const int64_t stop : {1, 5, 11}) {
    const test::ScratchFolder folder;
    BertWeights first = LoadBert(kModel), second = LoadBert(kModel);
    FineTuner before(&first, TaskKind::kSpan, windows, SmallRun());
    while (before.step() < stop) before.Step();
    before.Save(folder.path());
    FineTuner after(&second, TaskKind::kSpan, windows, SmallRun());
    after.Load(folder.path(), stop);
    while (after.step() < after.total_steps()) after.Step();
    ExpectSameWeights(whole, second);
  }
}

TEST(FineTuner, AccumulationGivesTheSameStepWithoutDropout) {
  const TaskWindows windows = {FixtureWindows(), {}};
  FineTuneOptions options = SmallRun();
  options.dropout = false;
  options.batch_size = 6;
  BertWeights whole = LoadBert(kModel), split = LoadBert(kModel);
  FineTuner one(&whole, TaskKind::kSpan, windows, options);
  options.accumulate = 4;
  FineTuner four(&split, TaskKind::kSpan, windows, options);
  for (int step = 0; step < 3; ++step) EXPECT_NEAR(one.Step().loss, four.Step().loss, 1e-5);
  EXPECT_LT(at::abs(whole.encoder[0].tensor - split.encoder[0].tensor).max().item<double>(), 2e-4);
}

TEST(FineTuner, EveryRecipeAndPrecisionLowersTheLoss) {
  const TaskWindows windows = {FixtureWindows(), {}};
  for (const auto& name : RecipeNames()) {
    for (const bool bf16 : {false, true}) {
      FineTuneOptions options = RecipeDefaults(ParseRecipe(name), 20);
      options.lr = 1e-3;
      options.precision = bf16 ? Precision::kBf16 : Precision::kFp32;
      options.dropout = false;
      options.batch_size = 10;
      options.epochs = 40;
      BertWeights weights = LoadBert(kModel);
      FineTuner tuner(&weights, TaskKind::kSpan, windows, options);
      const double first = tuner.Step().loss;
      double last = first;
      while (tuner.step() < 40) last = tuner.Step().loss;
      EXPECT_LT(last, 0.9 * first) << name << (bf16 ? " bf16" : " fp32");
    }
  }
}

TEST(FineTuner, ALossThatIsNotFiniteIsAnErrorAndChangesNothing) {
  const TaskWindows windows = {FixtureWindows(), {}};
  BertWeights weights = LoadBert(kModel);
  FineTuner tuner(&weights, TaskKind::kSpan, windows, SmallRun());
  weights.output[1].tensor.detach().fill_(INFINITY);
  const at::Tensor before = weights.encoder[0].tensor.detach().clone();
  EXPECT_THROW(tuner.Step(), Error);
  EXPECT_TRUE(at::equal(weights.encoder[0].tensor, before));
}

// The windows with a class each that their first piece decides, so that it can be learned.
TaskWindows LabelledWindows(TaskKind kind) {
  TaskWindows windows = {FixtureWindows(), {}};
  for (size_t w = 0; w < windows.windows.size(); ++w) {
    Window& window = windows.windows[w];
    window.ids[0] = static_cast<int32_t>(5 + w % 2);
    windows.targets.push_back(kind == TaskKind::kRegression ? 0.5F + static_cast<float>(w % 2)
                                                            : static_cast<float>(w % 2));
  }
  return windows;
}

TEST(FineTuner, ClassesAndRegressionsAreLearnedAndResumeBitIdentical) {
  for (const TaskKind kind : {TaskKind::kClassification, TaskKind::kRegression}) {
    const bool regression = kind == TaskKind::kRegression;
    const TaskWindows windows = LabelledWindows(kind);
    const auto fresh = [&] {
      BertWeights weights = LoadBert(kModel);
      AddClassOutput(&weights,
                     regression ? std::vector<std::string>{"score"} : std::vector<std::string>{"a", "b"},
                     regression, 7);
      return weights;
    };
    FineTuneOptions options = SmallRun();
    options.lr = 5e-3;
    options.epochs = 10;
    BertWeights whole = fresh(), first = fresh(), second = fresh();
    FineTuner uninterrupted(&whole, kind, windows, options);
    const double begin = uninterrupted.Step().loss;
    double end = begin;
    while (uninterrupted.step() < uninterrupted.total_steps()) end = uninterrupted.Step().loss;
    EXPECT_LT(end, 0.5 * begin) << TaskKindName(kind);
    const test::ScratchFolder folder;
    FineTuner before(&first, kind, windows, options);
    while (before.step() < 7) before.Step();
    before.Save(folder.path());
    FineTuner after(&second, kind, windows, options);
    after.Load(folder.path(), 7);
    while (after.step() < after.total_steps()) after.Step();
    ExpectSameWeights(whole, second);
    EXPECT_TRUE(at::equal(whole.pooler[0].tensor, second.pooler[0].tensor));
  }
}

// Stops after a number of steps, as Ctrl-C would.
class StopAfter : public FineTuneObserver {
 public:
  explicit StopAfter(int64_t steps) : left_(steps) {}
  void OnResume(int64_t step) override { resumed = step; }
  void OnStep(int64_t, int64_t, double, const FineTuneStep&) override { --left_; }
  void OnEvaluating(int64_t, int64_t) override {}
  void OnPoint(const FineTunePoint& point) override { points.push_back(point.folder); }
  bool StopRequested() override { return left_ <= 0; }
  int64_t resumed = 0;
  std::vector<std::string> points;

 private:
  int64_t left_;
};

TEST(FineTuneRun, StoppedAndResumedRunsLeaveTheSameFoldersAndWeights) {
  const test::ScratchFolder whole_folder, parts_folder;
  FineTuneRunOptions options;
  options.training = SmallRun();
  options.checkpoints = {0.5, 1};
  FineTuneData data;
  data.train.windows = FixtureWindows();
  BertWeights whole = LoadBert(kModel);
  StopAfter never(1000);
  const auto summary = RunFineTuning(whole_folder.path(), &whole, Task{}, data, options, &never);
  EXPECT_THAT(never.points, testing::ElementsAre("epoch-0.5", "epoch-1", "epoch-3"));
  EXPECT_EQ(summary.points.size(), 3U);
  EXPECT_EQ(NewestCheckpoint(whole_folder.path()), summary.points.back().step)
      << "a kill before the run is marked as finished must not cost the training";

  for (int attempts = 0; attempts < 20; ++attempts) {
    BertWeights part = LoadBert(kModel);
    StopAfter observer(5);
    try {
      RunFineTuning(parts_folder.path(), &part, Task{}, data, options, &observer);
      break;
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::kInterrupted);
    }
  }
  for (const auto* name : {"epoch-0.5", "epoch-1", "epoch-3"}) {
    ExpectSameWeights(LoadBert(whole_folder / name), LoadBert(parts_folder / name));
  }
  EXPECT_EQ(ReadFineTunePoints(parts_folder.path()).size(), 3U);
}

TEST(FineTuneOptions, FractionsOfEpochsAreSteps) {
  EXPECT_EQ(StepsPerEpoch(33, 16), 3);
  EXPECT_EQ(StepAtEpoch(0.1, 1000, 10), 10);
  EXPECT_EQ(StepAtEpoch(0.0001, 10, 10), 1);
  EXPECT_EQ(EpochFolder(0.3), "epoch-0.3");
  EXPECT_EQ(EpochFolder(2), "epoch-2");
  EXPECT_THROW(ParseRecipe("paper"), Error);
}

}  // namespace
}  // namespace bv
