// Training steps of every head against PyTorch; tests/fixtures/make_heads.py runs them with torch.optim.Adam.
#include <gtest/gtest.h>

#include "heads/registry.h"
#include "heads/testing.h"
#include "train/head_trainer.h"
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

}  // namespace
}  // namespace bv
