#include "train/head_trainer.h"

#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"
#include "heads/registry.h"
#include "heads/testing.h"
#include "train/head_evaluation.h"
#include "train/testing.h"

namespace bv {
namespace {

constexpr BackboneDims kDims{3, 16};

// Of adapters whose name does not say it; keeps the deep heads small.
constexpr BackboneDims kNarrow{3, 16, 2, 0, 16};

std::vector<std::unique_ptr<Head>> BuildHeads(const std::vector<std::string>& names) {
  std::vector<std::unique_ptr<Head>> heads;
  for (const std::string& name : ExpandHeadNames(names, kDims)) heads.push_back(BuildHead(name, kNarrow, 3));
  return heads;
}

std::vector<Head*> Pointers(const std::vector<std::unique_ptr<Head>>& heads) {
  std::vector<Head*> pointers;
  pointers.reserve(heads.size());
  for (const auto& head : heads) pointers.push_back(head.get());
  return pointers;
}

bool SameWeights(const Head& a, const Head& b) {
  const std::vector<NamedTensor> ours = a.tensors(), theirs = b.tensors();
  for (size_t i = 0; i < ours.size(); ++i) {
    if (!at::equal(ours[i].tensor, theirs[i].tensor)) return false;
  }
  return true;
}

// Stops the training after so many steps of this run.
HeadTrainCallbacks StopAfter(int64_t steps) {
  HeadTrainCallbacks callbacks;
  callbacks.on_step = [left = steps](const HeadTrainProgress&) mutable { return --left > 0; };
  return callbacks;
}

bool IsConvolutional(const std::string& name) {
  return name.find("cnn") != std::string::npos || name.find("ception") != std::string::npos;
}

// Losses on unseen windows before and after, and what they are expected to fall to.
void ExpectToLearn(const std::vector<std::string>& names, double lr,
                   const std::function<double(const std::string&)>& share) {
  test::MemorySource source = test::LearnableSource(200, 3, 16, 1);
  test::MemorySource unseen = test::LearnableSource(100, 3, 16, 2);
  const auto heads = BuildHeads(names);
  HeadTrainOptions options;
  options.epochs = 6;
  options.lr = lr;
  std::vector<const Head*> evaluated;
  evaluated.reserve(heads.size());
  for (const auto& head : heads) evaluated.push_back(head.get());
  const std::vector<double> before = EvaluateHeads(&unseen, evaluated, TaskKind::kSpan, 16, nullptr);
  EXPECT_TRUE(HeadTrainer(&source, Pointers(heads), options).Run({}));
  const std::vector<double> after = EvaluateHeads(&unseen, evaluated, TaskKind::kSpan, 16, nullptr);
  for (size_t i = 0; i < heads.size(); ++i) {
    const std::string& name = heads[i]->name();
    EXPECT_LT(after[i], share(name) * before[i]) << name;
  }
}

TEST(HeadTrainer, EveryHeadLearnsWhatItCanSee) {
  std::vector<std::string> names = ExpandHeadNames({"all"}, kDims);
  std::erase_if(names, IsConvolutional);
  // The last layer tells the start only; the mean of all layers dilutes both.
  ExpectToLearn(names, 1e-2, [](const std::string& name) {
    return name == "last-layer" ? 0.75 : name == "learned-pooling" ? 0.6 : 0.45;
  });
}

// Those without an adapter, whose weights start near 0 and need more steps than a test has.
TEST(HeadTrainer, ConvolutionalHeadsLearnToo) {
  ExpectToLearn({"1xn-cnn", "lp-1xn-cnn"}, 2e-3, [](const std::string&) { return 0.7; });
}

TEST(HeadTrainer, AHeadIsTheSameBitForBitWhateverIsTrainedBesideIt) {
  test::MemorySource source = test::LearnableSource(100, 3, 16, 1);
  const auto together = BuildHeads({"all", "layer-0"});
  HeadTrainer(&source, Pointers(together), {}).Run({});
  for (const auto& head : together) {
    const auto alone = BuildHeads({head->name()});
    HeadTrainer(&source, Pointers(alone), {}).Run({});
    EXPECT_TRUE(SameWeights(*alone.front(), *head)) << head->name();
  }
}

HeadTrainOptions ResumableOptions(const fs::path& folder) {
  HeadTrainOptions options;
  options.epochs = 2;
  options.schedule = ScheduleKind::kLinearDecay;
  options.warmup = 0.2;
  options.weight_decay = 0.01;
  options.checkpoints = folder;
  return options;
}

// 14 steps: stopped inside the first epoch, at its end and inside the second.
TEST(HeadTrainer, GoesOnFromACheckpointBitForBit) {
  const std::vector<std::string> names = {"learned-pooling", "adapter-64-shared-skip", "adapter-64-unshared",
                                          "lp-1xn-cnn", "lp-adapter-xception-mod"};
  const test::ScratchFolder scratch;
  test::MemorySource source = test::LearnableSource(100, 3, 16, 1);
  const auto whole = BuildHeads(names);
  HeadTrainer(&source, Pointers(whole), ResumableOptions({})).Run({});
  const HeadTrainOptions options = ResumableOptions(scratch / "run");
  for (const int64_t steps : {3, 4, 2}) {
    const auto part = BuildHeads(names);
    HeadTrainer trainer(&source, Pointers(part), options);
    EXPECT_EQ(trainer.Resume(), steps != 3);
    EXPECT_FALSE(trainer.Run(StopAfter(steps)));
  }
  const auto last = BuildHeads(names);
  HeadTrainer trainer(&source, Pointers(last), options);
  ASSERT_TRUE(trainer.Resume());
  EXPECT_EQ(trainer.steps(), 9);
  EXPECT_TRUE(trainer.Run({}));
  EXPECT_EQ(trainer.steps(), 14);
  for (size_t i = 0; i < names.size(); ++i) EXPECT_TRUE(SameWeights(*whole[i], *last[i])) << names[i];
}

TEST(HeadTrainer, CheckpointsComeAtTheStatedSteps) {
  const test::ScratchFolder scratch;
  test::MemorySource source = test::LearnableSource(100, 3, 16, 1);
  HeadTrainOptions options;
  options.checkpoints = scratch.path();
  options.checkpoint_steps = 3;
  const auto heads = BuildHeads({"last-layer"});
  HeadTrainer(&source, Pointers(heads), options).Run({});
  EXPECT_TRUE(fs::exists(scratch / "checkpoint-6" / "last-layer.optimizer.safetensors"));
  EXPECT_FALSE(fs::exists(scratch / "checkpoint-3"));
}

TEST(HeadTrainer, CheckpointsComeByTimeAndHoldWhatTheCallerAdds) {
  const test::ScratchFolder scratch;
  test::MemorySource source = test::LearnableSource(100, 3, 16, 1);
  HeadTrainOptions options;
  options.checkpoints = scratch.path();
  options.checkpoint_seconds = 1e-9;
  HeadTrainCallbacks callbacks;
  callbacks.on_checkpoint = [](const fs::path& folder) { WriteFileAtomically(folder / "note", "mine"); };
  const auto heads = BuildHeads({"last-layer"});
  HeadTrainer(&source, Pointers(heads), options).Run(callbacks);
  EXPECT_EQ(ReadFile(scratch / "checkpoint-7" / "note"), "mine");
}

TEST(HeadTrainer, AnEvaluationThatIsBrokenOffStopsItWithACheckpoint) {
  const test::ScratchFolder scratch;
  test::MemorySource source = test::LearnableSource(100, 3, 16, 1);
  const auto heads = BuildHeads({"last-layer"});
  HeadTrainCallbacks callbacks;
  callbacks.on_evaluate = [](const HeadTrainProgress&) { return false; };
  HeadTrainer trainer(&source, Pointers(heads), ResumableOptions(scratch.path()));
  EXPECT_FALSE(trainer.Run(callbacks));
  EXPECT_EQ(trainer.steps(), 7);
  EXPECT_TRUE(fs::exists(scratch / "checkpoint-7"));
}

TEST(HeadTrainer, SomeHeadsOfACheckpointGoOnAsAllWould) {
  const test::ScratchFolder scratch;
  test::MemorySource source = test::LearnableSource(100, 3, 16, 1);
  const auto all = BuildHeads({"last-layer", "learned-pooling"});
  HeadTrainer first(&source, Pointers(all), ResumableOptions(scratch.path()));
  EXPECT_FALSE(first.Run(StopAfter(3)));
  const auto some = BuildHeads({"learned-pooling"});
  HeadTrainer second(&source, Pointers(some), ResumableOptions(scratch.path()));
  ASSERT_TRUE(second.Resume());
  EXPECT_TRUE(second.Run({}));
  EXPECT_TRUE(first.Run({}));
  EXPECT_TRUE(SameWeights(*all[1], *some[0]));
}

std::string ResumeMessage(const std::vector<std::string>& names, const HeadTrainOptions& options) {
  test::MemorySource source = test::LearnableSource(100, 3, 16, 1);
  const auto heads = BuildHeads(names);
  try {
    HeadTrainer(&source, Pointers(heads), options).Resume();
  } catch (const Error& error) {
    return error.what();
  }
  return "resumed";
}

TEST(HeadTrainer, ResumingWithOtherOptionsOrDamagedFilesIsRefused) {
  const test::ScratchFolder scratch;
  test::MemorySource source = test::LearnableSource(100, 3, 16, 1);
  HeadTrainOptions options = ResumableOptions(scratch.path());
  const auto heads = BuildHeads({"last-layer"});
  EXPECT_FALSE(HeadTrainer(&source, Pointers(heads), options).Run(StopAfter(3)));
  EXPECT_EQ(ResumeMessage({"last-layer"}, options), "resumed");
  EXPECT_THAT(ResumeMessage({"layer-0"}, options), testing::HasSubstr("heads"));
  options.lr = 2e-3;
  EXPECT_THAT(ResumeMessage({"last-layer"}, options), testing::HasSubstr("lr = 0.001, this one has 0.002"));
  options.lr = 1e-3;
  fs::resize_file(scratch / "checkpoint-3" / "last-layer.safetensors", 50);
  EXPECT_THAT(ResumeMessage({"last-layer"}, options), testing::HasSubstr("last-layer.safetensors"));
}

TEST(HeadTrainer, TellsWhatHappens) {
  test::MemorySource source = test::LearnableSource(40, 3, 16, 1);
  const auto heads = BuildHeads({"last-layer", "learned-pooling"});
  HeadTrainOptions options;
  options.epochs = 2;
  std::vector<int64_t> evaluated;
  HeadTrainProgress last;
  HeadTrainCallbacks callbacks;
  callbacks.on_step = [&](const HeadTrainProgress& progress) {
    last = progress;
    return true;
  };
  callbacks.on_evaluate = [&](const HeadTrainProgress& progress) {
    evaluated.push_back(progress.step);
    return true;
  };
  EXPECT_TRUE(HeadTrainer(&source, Pointers(heads), options).Run(callbacks));
  EXPECT_THAT(evaluated, testing::ElementsAre(3, 6));
  EXPECT_EQ(last.step, 6);
  EXPECT_EQ(last.total_steps, 6);
  EXPECT_EQ(last.windows, 80);
  EXPECT_DOUBLE_EQ(last.epoch, 2);
  EXPECT_EQ(last.losses.size(), 2U);
}

TEST(HeadTrainer, StatesThatAreNotFiniteStopItWithTheHeadsName) {
  std::vector<test::MemorySource::Window> windows = {{test::Wave({4, 3, 16}, 1, 0), 0, 1}};
  windows[0].states[2][2][5] = std::numeric_limits<float>::quiet_NaN();
  test::MemorySource source(windows);
  const auto heads = BuildHeads({"layer-0", "last-layer"});
  try {
    HeadTrainer(&source, Pointers(heads), {}).Run({});
    FAIL() << "trained on NaN";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    EXPECT_THAT(error.what(), testing::HasSubstr("head last-layer: the loss at step 1"));
  }
}

TEST(HeadTrainer, NoHeadsAndTwiceTheSameAreRefused) {
  test::MemorySource source = test::LearnableSource(10, 3, 16, 1);
  EXPECT_THROW(HeadTrainer(&source, {}, {}), Error);
  const auto one = BuildHeads({"last-layer"}), other = BuildHeads({"last-layer"});
  EXPECT_THROW(HeadTrainer(&source, {one.front().get(), other.front().get()}, {}), Error);
}

TEST(EvaluateHeads, GivesLogitsPerBatchInOrderAndTheMeanLossOverWindows) {
  test::MemorySource source = test::LearnableSource(21, 3, 16, 1);
  const auto heads = BuildHeads({"last-layer", "layer-0"});
  std::vector<int64_t> seen;
  const auto visit = [&](const StateBatch& batch, const std::vector<at::Tensor>& logits) {
    EXPECT_EQ(logits.size(), 2U);
    EXPECT_TRUE(at::equal(logits[1], heads[1]->Forward(batch.states, batch.offsets)));
    seen.insert(seen.end(), batch.windows.begin(), batch.windows.end());
    return true;
  };
  const auto in_fours = EvaluateHeads(&source, {heads[0].get(), heads[1].get()}, TaskKind::kSpan, 4, visit);
  ASSERT_EQ(seen.size(), 21U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  const auto at_once =
      EvaluateHeads(&source, {heads[0].get(), heads[1].get()}, TaskKind::kSpan, 100, nullptr);
  for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(in_fours[i], at_once[i], 1e-5);
}

}  // namespace
}  // namespace bv
