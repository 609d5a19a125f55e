// Forward and gradients against PyTorch; tests/fixtures/make_heads.py defines every head once more, in
// Python.
#include <ATen/TensorOperators.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

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

at::Tensor Loss(const at::Tensor& logits, const Json& fixture) {
  at::Tensor loss = at::tensor(0.0F);
  int64_t begin = 0;
  for (size_t window = 0; window < fixture["lengths"].size(); ++window) {
    const auto length = fixture["lengths"][window].get<int64_t>();
    const at::Tensor part = logits.narrow(0, begin, length).t();
    const at::Tensor labels = at::tensor(
        {fixture["starts"][window].get<int64_t>(), fixture["ends"][window].get<int64_t>()}, at::kLong);
    loss = loss + 2 * at::cross_entropy_loss(part, labels);
    begin += length;
  }
  return loss / static_cast<double>(fixture["lengths"].size());
}

TEST(HeadParity, ForwardLossAndGradientsEqualPyTorch) {
  const Json fixture = test::ReadFixture("heads/heads.json");
  const BackboneDims dims{fixture["layers"], fixture["hidden"]};
  const at::Tensor states = test::Wave({15, dims.layers, dims.hidden}, 1.5, 0.25);
  const at::Tensor offsets = at::tensor({0, 5, 8, 15}, at::kLong);
  size_t registered = 0;
  for (const Json& expected : fixture["heads"]) {
    const std::string name = expected["name"];
    if (!name.starts_with("layer-")) ++registered;
    const auto head = BuildHead(name, dims, 1);
    test::SetWaveWeights(*head);
    const at::Tensor logits = head->Forward(states, offsets);
    ExpectNear(test::Values(logits), expected["logits"], 2e-6, name + " logits");
    const at::Tensor loss = Loss(logits, fixture);
    EXPECT_NEAR(loss.item<double>() / expected["losses"][0].get<double>(), 1, 2e-6) << name;
    loss.backward();
    for (const NamedTensor& parameter : head->parameters()) {
      const Json& gradient = expected["gradients"][parameter.name];
      const double norm = gradient["norm"];
      EXPECT_NEAR(at::linalg_vector_norm(parameter.tensor.grad()).item<double>(), norm,
                  1e-5 * std::max(norm, 0.02))
          << name << " " << parameter.name;
      ExpectNear(test::Samples(parameter.tensor.grad(), fixture["samples"]), gradient["samples"], 1e-5,
                 name + " gradient of " + parameter.name);
    }
  }
  EXPECT_EQ(registered, HeadRegistry().size()) << "a head without a fixture";
}

}  // namespace
}  // namespace bv
