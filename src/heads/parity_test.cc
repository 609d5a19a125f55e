// Forward and gradients against PyTorch; tests/fixtures/make_heads.py defines every head once more, in
// Python.
#include <ATen/TensorOperators.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <set>

#include "heads/registry.h"
#include "heads/testing.h"

namespace bv {
namespace {

// Relative to the largest value expected, but at least 0.02: the output's bias adds the same to all pieces of
// a window, so its true gradient is 0 and what is computed is rounding.
void ExpectNear(const std::vector<float>& values, const std::vector<double>& expected, double tolerance,
                const std::string& what) {
  ASSERT_EQ(values.size(), expected.size()) << what;
  double largest = 0.02;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_NEAR(values[i], expected[i], tolerance * largest) << what << ", value " << i;
  }
}

at::Tensor SpanLossOf(const at::Tensor& logits, const at::Tensor& offsets, const Json& fixture) {
  at::Tensor loss = at::tensor(0.0F);
  const int64_t windows = offsets.size(0) - 1;
  for (int64_t window = 0; window < windows; ++window) {
    const int64_t begin = offsets[window].item<int64_t>(), end = offsets[window + 1].item<int64_t>();
    const auto at = static_cast<size_t>(window);
    const at::Tensor labels =
        at::tensor({fixture["starts"][at].get<int64_t>(), fixture["ends"][at].get<int64_t>()}, at::kLong);
    loss = loss + 2 * at::cross_entropy_loss(logits.narrow(0, begin, end - begin).t(), labels);
  }
  return loss / static_cast<double>(windows);
}

void ExpectGradients(const Head& head, const Json& expected, size_t samples, double tolerance) {
  double largest = 0.02;
  for (const NamedTensor& parameter : head.parameters()) {
    largest = std::max(largest, 0.01 * expected[parameter.name]["norm"].get<double>());
  }
  for (const NamedTensor& parameter : head.parameters()) {
    const Json& gradient = expected[parameter.name];
    const std::string what = head.name() + " gradient of " + parameter.name;
    const double norm = gradient["norm"];
    EXPECT_NEAR(at::linalg_vector_norm(parameter.tensor.grad()).item<double>(), norm,
                tolerance * std::max(norm, largest))
        << what;
    ExpectNear(test::Samples(parameter.tensor.grad(), samples), gradient["samples"],
               tolerance * std::max(1.0, norm), what);
  }
}

TEST(HeadParity, ForwardLossAndGradientsEqualPyTorch) {
  const Json fixture = test::ReadFixture("heads/heads.json");
  const BackboneDims dims{fixture["layers"], fixture["hidden"]};
  const at::Tensor states = test::Wave({15, dims.layers, dims.hidden}, 1.5, 0.25);
  const at::Tensor offsets = at::tensor({0, 5, 8, 15}, at::kLong);
  for (const Json& expected : fixture["heads"]) {
    const std::string name = expected["name"];
    const auto head = BuildHead(name, dims, 1);
    test::SetWaveWeights(*head);
    const at::Tensor logits = head->Forward(states, offsets);
    ExpectNear(test::Values(logits), expected["logits"], 2e-6, name + " logits");
    const at::Tensor loss = SpanLossOf(logits, offsets, fixture);
    EXPECT_NEAR(loss.item<double>() / expected["losses"][0].get<double>(), 1, 2e-6) << name;
    loss.backward();
    ExpectGradients(*head, expected["gradients"], fixture["samples"], 1e-5);
  }
}

// The references are in f64, so the distances are the rounding of f32, larger the deeper a network is.
TEST(HeadParity, DeepAndClassifyingHeadsEqualPyTorchInTrainingAndInference) {
  const Json fixture = test::ReadFixture("heads/more_heads.json");
  for (const Json& entry : fixture["heads"]) {
    const test::HeadCase one(fixture, entry);
    const std::string& name = one.head->name();
    ExpectNear(test::Values(one.head->Forward(one.states, one.offsets)), entry["inference"], 1e-4,
               name + " inference");
    const at::Tensor logits = one.head->Forward(one.states, one.offsets, {true, 1000});
    ExpectNear(test::Values(logits), entry["logits"], 1e-4, name + " logits");
    const at::Tensor loss = one.head->kind() == HeadKind::kSpan ? SpanLossOf(logits, one.offsets, fixture)
                                                                : one.ClassLoss(logits);
    EXPECT_NEAR(loss.item<double>(), entry["losses"][0].get<double>(), 2e-4) << name;
    loss.backward();
    // Where two values of a max-pool are nearly equal, rounding decides which one gets the gradient.
    const double tolerance = name.find("inception") != std::string::npos ? 5e-3 : 1e-3;
    ExpectGradients(*one.head, entry["gradients"], fixture["samples"], tolerance);
  }
}

TEST(HeadParity, EveryHeadHasAFixture) {
  std::set<std::string> known;
  for (const char* file : {"heads/heads.json", "heads/more_heads.json"}) {
    const Json fixture = test::ReadFixture(file);
    for (const Json& entry : fixture["heads"]) known.insert(entry["name"].get<std::string>());
  }
  for (const HeadEntry& entry : HeadRegistry()) EXPECT_TRUE(known.contains(entry.name)) << entry.name;
}

}  // namespace
}  // namespace bv
