#include "train/optimizer.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"
#include "base/testing.h"
#include "heads/testing.h"
#include "train/schedule.h"

namespace bv {
namespace {

using Epsilon = AdamOptions::Epsilon;
using Decay = AdamOptions::Decay;

constexpr int kSteps = 12;

// The setting of tests/fixtures/make_train.py.
struct Setting {
  at::Tensor matrix = test::Wave({3, 4}, 0.5, 1).set_requires_grad(true);
  at::Tensor vector = test::Wave({5}, 0.2, 2).set_requires_grad(true);

  Adam MakeAdam(const AdamOptions& options, double decay) const {
    return Adam({{{{"matrix", matrix}}, decay, 1}, {{{"vector", vector}}, 0, 1}}, options);
  }
  void SetGradients(int step) const {
    matrix.mutable_grad() = test::Wave({3, 4}, 0.3, 0.7 * step);
    vector.mutable_grad() = test::Wave({5}, 1e-6, 0.3 * step);
  }
  void Run(Adam* adam, int from, int to) const {
    for (int step = from; step < to; ++step) {
      SetGradients(step);
      adam->Step(0.01 * (step + 1) / kSteps);
    }
  }
};

TEST(Adam, EveryVariantFollowsItsReference) {
  struct Case {
    const char* name;
    double epsilon;
    bool correction;
    Epsilon placement;
    Decay decay;
    double weight_decay;
    double clip;
  };
  const Json fixture = test::ReadFixture("train/optimizer.json");
  for (const Case& c : {Case{"adam", 1e-8, true, Epsilon::kTorch, Decay::kBeforeStep, 0, 0},
                        Case{"adam-coupled-decay", 1e-8, true, Epsilon::kTorch, Decay::kCoupled, 0.1, 0},
                        Case{"adamw", 1e-8, true, Epsilon::kTorch, Decay::kBeforeStep, 0.1, 0},
                        Case{"adam-clipped", 1e-8, true, Epsilon::kTorch, Decay::kBeforeStep, 0, 0.5},
                        Case{"keras", 1e-7, true, Epsilon::kKeras, Decay::kBeforeStep, 0, 0},
                        Case{"keras-decayed", 1e-7, true, Epsilon::kKeras, Decay::kBeforeStep, 0.1, 0},
                        Case{"hugging-face", 1e-6, false, Epsilon::kTorch, Decay::kAfterStep, 0.1, 0}}) {
    const Setting setting;
    Adam adam =
        setting.MakeAdam({0.9, 0.999, c.epsilon, c.correction, c.placement, c.decay, c.clip}, c.weight_decay);
    setting.Run(&adam, 0, kSteps);
    for (const auto& [index, tensor] : {std::pair(0, setting.matrix), std::pair(1, setting.vector)}) {
      const std::vector<double> expected = fixture[c.name][static_cast<size_t>(index)];
      const std::vector<float> values = test::Values(tensor);
      ASSERT_EQ(values.size(), expected.size());
      // 12 steps of about 0.005 each: errors stay below a thousandth of a thousandth of the way.
      for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], 2e-7) << c.name;
    }
  }
}

TEST(Adam, GoesOnFromASavedStateBitForBit) {
  const test::ScratchFolder folder;
  const Setting whole, parts;
  Adam adam = whole.MakeAdam({}, 0.1);
  whole.Run(&adam, 0, kSteps);
  Adam first = parts.MakeAdam({}, 0.1);
  parts.Run(&first, 0, 5);
  WriteTensorFile(folder / "state.safetensors", first.State());
  Adam second = parts.MakeAdam({}, 0.1);
  second.LoadState(TensorFile(folder / "state.safetensors"));
  EXPECT_EQ(second.steps(), 5);
  parts.Run(&second, 5, kSteps);
  EXPECT_TRUE(at::equal(whole.matrix, parts.matrix));
  EXPECT_TRUE(at::equal(whole.vector, parts.vector));
}

TEST(Adam, DamagedStatesAreRefusedAndChangeNothing) {
  const test::ScratchFolder folder;
  const Setting setting;
  Adam adam = setting.MakeAdam({}, 0);
  setting.Run(&adam, 0, 2);
  const auto message = [&](const auto& tamper) -> std::string {
    std::vector<NamedTensor> state = adam.State();
    for (NamedTensor& entry : state) entry.tensor = entry.tensor.clone();
    tamper(&state);
    WriteTensorFile(folder / "state.safetensors", state);
    Adam other = setting.MakeAdam({}, 0);
    try {
      other.LoadState(TensorFile(folder / "state.safetensors"));
    } catch (const Error& error) {
      EXPECT_EQ(other.steps(), 0);
      return error.what();
    }
    return "loaded";
  };
  using State = std::vector<NamedTensor>*;
  EXPECT_EQ(message([](State) {}), "loaded");
  EXPECT_THAT(message([](State s) { s->erase(s->begin()); }), testing::HasSubstr("step"));
  EXPECT_THAT(message([](State s) { s->pop_back(); }), testing::HasSubstr("exp_avg_sq/vector"));
  EXPECT_THAT(message([](State s) {
                (*s)[1].tensor = at::ones({4, 3});
              }),
              testing::HasSubstr("exp_avg/matrix"));
  EXPECT_THAT(message([](State s) { (*s)[0].tensor.fill_(-1); }), testing::HasSubstr("-1"));
  EXPECT_THAT(message([](State s) { (*s)[1].tensor.fill_(std::numeric_limits<double>::quiet_NaN()); }),
              testing::HasSubstr("NaN"));
}

TEST(Adam, AGradientThatIsNotFiniteStopsBeforeAnythingChanges) {
  const Setting setting;
  const at::Tensor before = setting.matrix.detach().clone();
  AdamOptions options;
  options.clip_norm = 1;
  Adam adam = setting.MakeAdam(options, 0);
  setting.SetGradients(0);
  setting.vector.mutable_grad().fill_(std::numeric_limits<double>::infinity());
  EXPECT_THROW(adam.Step(0.01), Error);
  EXPECT_TRUE(at::equal(setting.matrix, before));
  EXPECT_EQ(adam.steps(), 0);
}

TEST(Adam, ParametersWithoutGradientStayAndRatesScaleByGroup) {
  const at::Tensor idle = at::ones({2}).set_requires_grad(true);
  const at::Tensor slow = at::ones({2}).set_requires_grad(true), fast = at::ones({2}).set_requires_grad(true);
  Adam adam({{{{"idle", idle}, {"slow", slow}}, 0.5, 1}, {{{"fast", fast}}, 0.5, 10}}, {});
  slow.mutable_grad() = at::full({2}, 3.0);
  fast.mutable_grad() = at::full({2}, 3.0);
  adam.Step(1e-3);
  EXPECT_TRUE(at::equal(idle, at::ones({2})));
  // The first step is the rate, whatever the gradient; decay takes rate * 0.5.
  EXPECT_NEAR(slow[0].item<double>(), 1 - 1.5e-3, 1e-6);
  EXPECT_NEAR(fast[0].item<double>(), 1 - 1.5e-2, 1e-6);
  adam.ZeroGrad();
  EXPECT_FALSE(slow.grad().defined());
}

TEST(Adam, ClippingReturnsTheNormBefore) {
  const Setting setting;
  AdamOptions options;
  options.clip_norm = 1e-3;
  Adam adam = setting.MakeAdam(options, 0);
  setting.matrix.mutable_grad() = at::full({3, 4}, 1.0);
  EXPECT_NEAR(adam.Step(0.01), std::sqrt(12.0), 1e-6);
  EXPECT_NEAR(setting.matrix.grad().norm().item<double>(), 1e-3, 1e-8);
}

TEST(SplitByDecay, ExcludesByPartOfTheName) {
  const at::Tensor tensor = at::ones({1});
  const auto groups = SplitByDecay({{"a.weight", tensor}, {"a.bias", tensor}, {"LayerNorm.weight", tensor}},
                                   0.01, {"bias", "LayerNorm"});
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].weight_decay, 0.01);
  EXPECT_EQ(groups[0].parameters[0].name, "a.weight");
  EXPECT_EQ(groups[1].weight_decay, 0);
  EXPECT_EQ(groups[1].parameters.size(), 2U);
  EXPECT_EQ(SplitByDecay({{"a.bias", tensor}}, 0.01, {"bias"}).size(), 1U);
}

// The numbers of transformers' get_linear_schedule_with_warmup(warm-up 4, total 12).
TEST(Schedule, WarmsUpAndDecaysLinearly) {
  const Schedule schedule{ScheduleKind::kLinearDecay, 4, 12};
  EXPECT_DOUBLE_EQ(schedule.Factor(0), 0);
  EXPECT_DOUBLE_EQ(schedule.Factor(1), 0.25);
  EXPECT_DOUBLE_EQ(schedule.Factor(4), 1);
  EXPECT_DOUBLE_EQ(schedule.Factor(6), 0.75);
  EXPECT_DOUBLE_EQ(schedule.Factor(11), 0.125);
  EXPECT_DOUBLE_EQ(schedule.Factor(12), 0);
  EXPECT_DOUBLE_EQ(schedule.Factor(15), 0);
  const Schedule constant{ScheduleKind::kConstant, 2, 0};
  EXPECT_DOUBLE_EQ(constant.Factor(1), 0.5);
  EXPECT_DOUBLE_EQ(constant.Factor(1000), 1);
  EXPECT_DOUBLE_EQ((Schedule{ScheduleKind::kLinearDecay, 0, 4}).Factor(0), 1);
}

}  // namespace
}  // namespace bv
