// Training steps of every head against PyTorch; tests/fixtures/make_heads.py runs them with torch.optim.Adam.
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include "heads/registry.h"
#include "heads/testing.h"
#include "train/head_trainer.h"
#include "train/optimizer.h"
#include "train/span_loss.h"
#include "train/testing.h"

namespace bv {
namespace {

TEST(HeadTrainingParity, LossesAndWeightsFollowPyTorch) {
  const Json fixture = test::ReadFixture("heads/heads.json");
  const BackboneDims dims{fixture["layers"], fixture["hidden"]};
  const at::Tensor states = test::Wave({15, dims.layers, dims.hidden}, 1.5, 0.25);
  std::vector<test::MemorySource::Window> windows;
  int64_t begin = 0;
  for (size_t i = 0; i < fixture["lengths"].size(); ++i) {
    const int64_t length = fixture["lengths"][i];
    windows.push_back({states.narrow(0, begin, length), fixture["starts"][i], fixture["ends"][i]});
    begin += length;
  }
  test::MemorySource source(windows);
  std::vector<std::unique_ptr<Head>> heads;
  std::vector<Head*> trained;
  for (const Json& expected : fixture["heads"]) {
    heads.push_back(BuildHead(expected["name"], dims, 1));
    test::SetWaveWeights(*heads.back());
    trained.push_back(heads.back().get());
  }
  HeadTrainOptions options;  // recipe F2; one batch holds all windows
  options.epochs = fixture["steps"];
  std::vector<std::vector<double>> losses;
  HeadTrainCallbacks callbacks;
  callbacks.on_step = [&](const HeadTrainProgress& progress) {
    losses.push_back(progress.losses);
    return true;
  };
  HeadTrainer(&source, trained, options).Run(callbacks);

  for (size_t h = 0; h < heads.size(); ++h) {
    const Json& expected = fixture["heads"][h];
    for (size_t step = 0; step < losses.size(); ++step) {
      EXPECT_NEAR(losses[step][h] / expected["losses"][step].get<double>(), 1, 2e-5) << trained[h]->name();
    }
    for (const NamedTensor& parameter : heads[h]->parameters()) {
      // Its true gradient is 0 (all pieces of a window get the same), and Adam makes steps of the rounding.
      if (parameter.name == "output.bias") continue;
      const std::vector<double> values = expected["parameters"][parameter.name];
      const std::vector<float> ours = test::Samples(parameter.tensor, fixture["samples"]);
      ASSERT_EQ(ours.size(), values.size());
      for (size_t i = 0; i < ours.size(); ++i) {
        EXPECT_NEAR(ours[i], values[i], 2e-5) << trained[h]->name() << " " << parameter.name;
      }
    }
  }
}

at::Tensor LossOf(const test::HeadCase& one, const at::Tensor& logits, const Json& fixture) {
  if (one.head->kind() != HeadKind::kSpan) return one.ClassLoss(logits);
  const auto labels = [&](const char* key) {
    return at::tensor(fixture[key].get<std::vector<int64_t>>(), at::kLong);
  };
  const SpanTargets targets = MakeSpanTargets(one.offsets, labels("starts"), labels("ends"), at::kCPU);
  return SpanLoss(logits, targets, SpanReduction::kSum);
}

// Three steps with dropout and batch statistics, then an inference with the running ones.
TEST(HeadTrainingParity, DeepAndClassifyingHeadsTrainAsInPyTorch) {
  const Json fixture = test::ReadFixture("heads/more_heads.json");
  for (const Json& entry : fixture["heads"]) {
    const test::HeadCase one(fixture, entry);
    const std::string& name = one.head->name();
    // Where two values of a max-pool are nearly equal, rounding decides which one gets the gradient.
    const double slack = name.find("inception") != std::string::npos ? 5 : 1;
    Adam adam(SplitByDecay(one.head->parameters(), 0, {}), {});
    for (size_t step = 0; step < entry["losses"].size(); ++step) {
      const HeadPass pass{true, 1000 + step};
      const at::Tensor loss = LossOf(one, one.head->Forward(one.states, one.offsets, pass), fixture);
      const double expected = entry["losses"][step];
      EXPECT_NEAR(loss.item<double>(), expected, slack * 2e-3 * std::max(1.0, expected))
          << name << " step " << step;
      loss.backward();
      adam.Step(fixture["lr"]);
      adam.ZeroGrad();
    }
    for (const NamedTensor& parameter : one.head->parameters()) {
      const Json& samples = entry["parameters"][parameter.name];
      const std::vector<float> values = test::Values(parameter.tensor);
      for (size_t i = 0; i < samples["at"].size(); ++i) {
        EXPECT_NEAR(values.at(samples["at"][i]), samples["values"][i].get<double>(), slack * 1e-5)
            << name << " " << parameter.name;
      }
    }
    for (const NamedTensor& buffer : one.head->buffers()) {
      const std::vector<double> expected = entry["buffers"][buffer.name];
      const std::vector<float> values = test::Samples(buffer.tensor, fixture["samples"]);
      ASSERT_EQ(values.size(), expected.size());
      for (size_t i = 0; i < values.size(); ++i) {
        EXPECT_NEAR(values[i], expected[i], 1e-3 * std::max(1.0, std::abs(expected[i])))
            << name << " " << buffer.name;
      }
    }
    const std::vector<double> expected = entry["trained_inference"];
    const std::vector<float> logits = test::Values(one.head->Forward(one.states, one.offsets));
    double largest = 1;
    for (const double value : expected) largest = std::max(largest, std::abs(value));
    for (size_t i = 0; i < logits.size(); ++i) {
      EXPECT_NEAR(logits[i], expected[i], slack * 1e-2 * largest) << name << " inference " << i;
    }
  }
}

}  // namespace
}  // namespace bv
