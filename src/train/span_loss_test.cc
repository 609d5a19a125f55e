#include "train/span_loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "heads/testing.h"

namespace bv {
namespace {

at::Tensor Longs(const std::vector<int64_t>& values) {
  return at::tensor(values, at::kLong);
}

TEST(SpanLoss, EqualsPyTorchWindowByWindow) {
  const Json fixture = test::ReadFixture("train/span_loss.json");
  const SpanTargets targets =
      MakeSpanTargets(Longs({0, 5, 6, 15}), Longs(fixture["starts"]), Longs(fixture["ends"]), at::kCPU);
  const at::Tensor logits = test::Wave({15, 2}, 4, 0.5).set_requires_grad(true);
  const at::Tensor loss = SpanLoss(logits, targets, SpanReduction::kSum);
  EXPECT_NEAR(loss.item<double>(), fixture["loss"].get<double>(), 2e-6);
  loss.backward();
  const std::vector<double> expected = fixture["gradient"];
  const std::vector<float> gradient = test::Values(logits.grad());
  ASSERT_EQ(gradient.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(gradient[i], expected[i], 1e-7);
  const at::Tensor mean = SpanLoss(logits, targets, SpanReduction::kMean);
  EXPECT_NEAR(mean.item<double>(), fixture["loss"].get<double>() / 2, 1e-6);
}

TEST(SpanLoss, AWindowsLossDoesNotKnowItsNeighbours) {
  const at::Tensor logits = test::Wave({12, 2}, 3, 0.1);
  const auto alone = [&](int64_t begin, int64_t end, int64_t start_label, int64_t end_label) {
    const auto targets =
        MakeSpanTargets(Longs({0, end - begin}), Longs({start_label}), Longs({end_label}), at::kCPU);
    return SpanLoss(logits.narrow(0, begin, end - begin), targets, SpanReduction::kSum).item<double>();
  };
  const auto targets = MakeSpanTargets(Longs({0, 9, 12}), Longs({3, 0}), Longs({8, 2}), at::kCPU);
  EXPECT_NEAR(SpanLoss(logits, targets, SpanReduction::kSum).item<double>(),
              (alone(0, 9, 3, 8) + alone(9, 12, 0, 2)) / 2, 1e-6);
}

TEST(SpanLoss, LabelsOutsideTheirWindowAreRefused) {
  const auto make = [](int64_t start, int64_t end) {
    return MakeSpanTargets(Longs({0, 4, 6}), Longs({0, start}), Longs({0, end}), at::kCPU);
  };
  EXPECT_EQ(make(1, 1).longest, 4);
  EXPECT_THROW(make(2, 1), Error);
  EXPECT_THROW(make(1, 2), Error);
  EXPECT_THROW(make(-1, 1), Error);
  EXPECT_THROW(MakeSpanTargets(Longs({0, 4, 4}), Longs({0, 0}), Longs({0, 0}), at::kCPU), Error);
}

}  // namespace
}  // namespace bv
