// What holds for every head of the zoo.
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "heads/registry.h"
#include "heads/testing.h"

namespace bv {
namespace {

TEST(Zoo, LogitsHaveTheirShapeAndGradientsReachEveryParameter) {
  for (const HeadEntry& entry : test::AllHeads()) {
    const auto head = entry.build(test::SmallDims(entry.kind), 5);
    const test::Batch batch = test::RandomBatch(entry.kind, {4, 8, 1, 7});
    const at::Tensor logits = head->Forward(batch.states, batch.offsets, {true, 3});
    EXPECT_EQ(logits.sizes(), (std::vector<int64_t>{batch.rows, head->dims().outputs})) << entry.name;
    EXPECT_EQ(logits.scalar_type(), at::kFloat);
    (logits * test::Wave(logits.sizes(), 1, 0.5)).sum().backward();
    for (const NamedTensor& parameter : head->parameters()) {
      ASSERT_TRUE(parameter.tensor.grad().defined()) << entry.name << " " << parameter.name;
      EXPECT_GT(test::MaxAbs(parameter.tensor.grad()), 0) << entry.name << " " << parameter.name;
    }
  }
}

TEST(Zoo, BatchNeighboursChangeNothing) {
  for (const auto& [type, tolerance] : {std::pair(at::kFloat, 1e-5), std::pair(at::kBFloat16, 2e-2)}) {
    for (const HeadEntry& entry : test::AllHeads()) {
      const test::Batch one = test::RandomBatch(entry.kind, {5}),
                        other = test::RandomBatch(entry.kind, {8, 3, 8, 8, 6, 7});
      const auto head = entry.build(test::SmallDims(entry.kind), 5);
      test::SetWaveWeights(*head);
      const at::Tensor alone = head->Forward(one.states.to(type), one.offsets);
      const at::Tensor offsets =
          at::cat({other.offsets, other.offsets.slice(0, -1) + one.offsets.slice(0, 1)});
      const at::Tensor together = head->Forward(at::cat({other.states, one.states}).to(type), offsets);
      EXPECT_LE(test::MaxAbs(together.narrow(0, other.rows, one.rows) - alone),
                tolerance * test::MaxAbs(alone))
          << entry.name;
    }
  }
}

TEST(Zoo, LargeInferenceInPartsGivesTheSameAsAtOnce) {
  for (const char* name : {"lp-1xn-cnn", "lp-adapter-nxn-cnn", "lp-adapter-inception", "xception-abbr"}) {
    const HeadEntry entry = FindHead(name, test::kSmall);
    const auto head = entry.build(test::SmallDims(entry.kind), 5);
    test::SetWaveWeights(*head);
    const test::Batch batch = test::RandomBatch(entry.kind, std::vector<int64_t>(2100, 2));
    const at::Tensor all = head->Forward(batch.states, batch.offsets);
    ASSERT_EQ(all.size(0), batch.rows);
    const int64_t per_window = entry.kind == HeadKind::kRow ? 1 : 2;
    const at::Tensor end =
        head->Forward(batch.states.slice(0, 2000 * per_window), batch.offsets.slice(0, 2000) - 4000);
    EXPECT_LE(test::MaxAbs(all.slice(0, 2000 * per_window) - end), 1e-5 * test::MaxAbs(all)) << name;
  }
}

TEST(Zoo, StatesInSixteenBitsGiveTheLogitsOfTheSameValuesInThirtyTwo) {
  for (const at::ScalarType type : {at::kBFloat16, at::kHalf}) {
    for (const HeadEntry& entry : test::AllHeads()) {
      const test::Batch batch = test::RandomBatch(entry.kind, std::vector<int64_t>(20, 8));
      const at::Tensor states = batch.states.to(type);
      const auto head = entry.build(test::SmallDims(entry.kind), 5);
      test::SetWaveWeights(*head);
      const at::Tensor narrow = head->Forward(states, batch.offsets);
      const at::Tensor wide = head->Forward(states.to(at::kFloat), batch.offsets);
      // bf16 states may be multiplied as they are, by weights of 8 bits.
      const double tolerance = type == at::kBFloat16 ? 2e-2 : 1e-5;
      EXPECT_LE(test::MaxAbs(narrow - wide), tolerance * test::MaxAbs(wide)) << entry.name;
    }
  }
}

TEST(Zoo, DropoutFollowsItsSeedAndIsForTrainingAlone) {
  const std::set<std::string> dropping = {"1xn-cnn",
                                          "1xn-cnn-dilated",
                                          "lp-1xn-cnn",
                                          "avg-1xn-cnn",
                                          "lp-adapter-1xn-cnn",
                                          "lp-adapter-inception",
                                          "lp-adapter-inception-tokens",
                                          "detect-parts"};
  for (const HeadEntry& entry : HeadRegistry()) {
    const auto head = entry.build(test::SmallDims(entry.kind), 5);
    test::SetWaveWeights(*head);
    const test::Batch batch = test::RandomBatch(entry.kind, {4, 8, 7});
    const auto forward = [&](const HeadPass& pass) {
      return head->Forward(batch.states, batch.offsets, pass);
    };
    const at::Tensor trained = forward({true, 1});
    EXPECT_TRUE(at::equal(trained, forward({true, 1}))) << entry.name;
    EXPECT_EQ(!at::equal(trained, forward({true, 2})), dropping.contains(entry.name)) << entry.name;
    EXPECT_TRUE(at::equal(forward({false, 1}), forward({false, 2}))) << entry.name;
  }
}

TEST(Zoo, TrainingPassesMoveTheRunningStatisticsAndInferenceUsesThem) {
  for (const HeadEntry& entry : HeadRegistry()) {
    const auto head = entry.build(test::SmallDims(entry.kind), 5);
    if (head->buffers().empty()) continue;
    const test::Batch batch = test::RandomBatch(entry.kind, {4, 8, 7});
    const NamedTensor& mean = head->buffers().front();
    EXPECT_TRUE(mean.name.ends_with(".norm.mean"));
    const at::Tensor before = head->Forward(batch.states, batch.offsets);
    EXPECT_EQ(test::MaxAbs(mean.tensor), 0);
    head->Forward(batch.states, batch.offsets, {true, 1});
    EXPECT_GT(test::MaxAbs(mean.tensor), 0);
    const at::Tensor after = head->Forward(batch.states, batch.offsets);
    EXPECT_FALSE(at::equal(before, after)) << entry.name;
    // By the running statistics, not the batch's: a window is the same alone.
    const test::Batch first = {batch.states.slice(0, 0, entry.kind == HeadKind::kRow ? 1 : 4),
                               batch.offsets.slice(0, 0, 2)};
    const at::Tensor alone = head->Forward(first.states, first.offsets);
    EXPECT_LE(test::MaxAbs(after.slice(0, 0, alone.size(0)) - alone), 1e-5 * test::MaxAbs(after))
        << entry.name;
  }
}

}  // namespace
}  // namespace bv
