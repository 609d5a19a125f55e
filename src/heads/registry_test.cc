#include "heads/registry.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/max.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "heads/testing.h"

namespace bv {
namespace {

constexpr BackboneDims kBertLarge{25, 1024};
constexpr BackboneDims kSmall{4, 12};

double MaxAbs(const at::Tensor& tensor) {
  return tensor.abs().max().item<double>();
}

// The formula's value by its text, so that what `heads` prints is what it counts.
class Formula {
 public:
  Formula(std::string text, std::map<char, int64_t> values)
      : text_(std::move(text)), values_(std::move(values)) {}
  int64_t Value() { return Sum(); }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  int64_t Sum() {
    int64_t sum = Product();
    while (!AtEnd() && text_[at_] == '+') {
      ++at_;
      sum += Product();
    }
    return sum;
  }
  int64_t Product() {
    int64_t product = 1;
    while (!AtEnd() && text_[at_] != '+' && text_[at_] != ')') product *= Factor();
    return product;
  }
  int64_t Factor() {
    if (text_[at_] == '(') {
      ++at_;
      const int64_t inner = Sum();
      ++at_;
      return inner;
    }
    if (values_.contains(text_[at_])) return values_.at(text_[at_++]);
    int64_t number = 0;
    while (!AtEnd() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0) {
      number = 10 * number + (text_[at_++] - '0');
    }
    return number;
  }

  std::string text_;
  std::map<char, int64_t> values_;
  size_t at_ = 0;
};

std::vector<HeadEntry> AllHeads(const BackboneDims& dims) {
  std::vector<HeadEntry> entries;
  for (const std::string& name : ExpandHeadNames({"all", "layers"}, dims)) {
    entries.push_back(FindHead(name, dims));
  }
  return entries;
}

TEST(HeadRegistry, CountsForBertLargeAreThePublishedOnesToTheUnit) {
  const std::map<std::string, int64_t> published = {{"learned-pooling", 2076},
                                                    {"adapter-64-shared", 68802},
                                                    {"adapter-64-shared-skip", 70850},
                                                    {"adapter-64-unshared", 1643202},
                                                    {"adapter-64-unshared-skip", 1645250},
                                                    {"adapter-386-shared", 414952},
                                                    {"adapter-386-shared-skip", 417000},
                                                    {"adapter-386-unshared", 9910552},
                                                    {"adapter-386-unshared-skip", 9912600},
                                                    {"lp-adapter-386", 398498},
                                                    {"adapter-386-shared-lp-branch", 811400},
                                                    {"last-layer", 2050}};
  std::map<std::string, int64_t> ours;
  for (const HeadEntry& entry : HeadRegistry()) ours[entry.name] = entry.parameters(kBertLarge);
  EXPECT_EQ(ours, published);
}

TEST(HeadRegistry, CountFormulaAndBuiltParametersAgree) {
  for (const BackboneDims& dims : {kSmall, BackboneDims{7, 384}, BackboneDims{1, 3}}) {
    for (const HeadEntry& entry : AllHeads(dims)) {
      const int64_t d = entry.name.find("386") != std::string::npos ? 386 : 64;
      EXPECT_EQ(entry.build(dims, 1)->ParameterCount(), entry.parameters(dims)) << entry.name;
      EXPECT_EQ(Formula(entry.formula, {{'L', dims.layers}, {'H', dims.hidden}, {'d', d}}).Value(),
                entry.parameters(dims))
          << entry.name << ": " << entry.formula;
    }
  }
}

TEST(HeadRegistry, BertLargeHeadsHaveTheirSize) {
  for (const char* name : {"learned-pooling", "adapter-386-shared-skip", "adapter-64-unshared"}) {
    EXPECT_EQ(BuildHead(name, kBertLarge, 3)->ParameterCount(),
              FindHead(name, kBertLarge).parameters(kBertLarge));
  }
}

TEST(HeadRegistry, GivesTwoLogitsPerTokenAndGradientsReachEveryParameter) {
  for (const HeadEntry& entry : AllHeads(kSmall)) {
    const auto head = entry.build(kSmall, 5);
    const at::Tensor logits = head->Forward(at::randn({9, 4, 12}), at::tensor({0, 4, 9}, at::kLong));
    EXPECT_EQ(logits.sizes(), (std::vector<int64_t>{9, 2})) << entry.name;
    EXPECT_EQ(logits.scalar_type(), at::kFloat);
    (logits * test::Wave({9, 2}, 1, 0.5)).sum().backward();
    for (const NamedTensor& parameter : head->parameters()) {
      ASSERT_TRUE(parameter.tensor.grad().defined()) << entry.name << " " << parameter.name;
      EXPECT_GT(MaxAbs(parameter.tensor.grad()), 0) << entry.name << " " << parameter.name;
    }
  }
}

TEST(HeadRegistry, BatchNeighboursChangeNothing) {
  for (const auto& [type, tolerance] : {std::pair(at::kFloat, 1e-5), std::pair(at::kBFloat16, 1e-2)}) {
    const at::Tensor one = at::randn({5, 4, 12}).to(type), other = at::randn({40, 4, 12}).to(type);
    for (const HeadEntry& entry : AllHeads(kSmall)) {
      const auto head = entry.build(kSmall, 5);
      test::SetWaveWeights(*head);
      const at::Tensor alone = head->Forward(one, at::tensor({0, 5}, at::kLong));
      const at::Tensor together = head->Forward(at::cat({other, one}), at::tensor({0, 40, 45}, at::kLong));
      EXPECT_LE(MaxAbs(together.narrow(0, 40, 5) - alone), tolerance * MaxAbs(alone)) << entry.name;
    }
  }
}

TEST(HeadRegistry, StatesInSixteenBitsGiveTheLogitsOfTheSameValuesInThirtyTwo) {
  for (const at::ScalarType type : {at::kBFloat16, at::kHalf}) {
    const at::Tensor states = at::randn({300, 4, 12}).to(type);
    for (const HeadEntry& entry : AllHeads(kSmall)) {
      const auto head = entry.build(kSmall, 5);
      test::SetWaveWeights(*head);
      const at::Tensor offsets = at::tensor({0, 300}, at::kLong);
      const at::Tensor narrow = head->Forward(states, offsets);
      const at::Tensor wide = head->Forward(states.to(at::kFloat), offsets);
      // bf16 states may be multiplied as they are, by weights of 8 bits.
      const double tolerance = type == at::kBFloat16 ? 1e-2 : 1e-5;
      EXPECT_LE(MaxAbs(narrow - wide), tolerance * MaxAbs(wide)) << entry.name;
    }
  }
}

TEST(HeadRegistry, InitialisersHaveTheStatedDistributions) {
  const BackboneDims dims{25, 64};
  for (const HeadEntry& entry : AllHeads(dims)) {
    const auto head = entry.build(dims, 11);
    for (const NamedTensor& parameter : head->parameters()) {
      const at::Tensor& value = parameter.tensor;
      const std::string what = entry.name + " " + parameter.name;
      if (parameter.name == "pooling.scale") {
        EXPECT_EQ(value.item<float>(), 1) << what;
      } else if (parameter.name.ends_with(".bias")) {
        EXPECT_EQ(MaxAbs(value), 0) << what;
      } else if (parameter.name == "pooling.weight") {
        EXPECT_THAT(value.std().item<double>(), testing::AllOf(testing::Gt(0.025), testing::Lt(0.08)))
            << what;
      } else if (parameter.name == "output.weight") {
        const double limit = std::sqrt(6.0 / static_cast<double>(value.size(0) + 2));
        EXPECT_LE(MaxAbs(value), limit * (1 + 1e-6)) << what;
        EXPECT_GT(MaxAbs(value), 0.9 * limit) << what;
        EXPECT_NEAR(value.std().item<double>(), limit / std::sqrt(3.0), 0.1 * limit) << what;
      } else {
        // A normal cut at two sigma has 0.87963 of its sigma.
        EXPECT_LE(MaxAbs(value), 2e-3) << what;
        EXPECT_GT(MaxAbs(value), 1.9e-3) << what;
        EXPECT_NEAR(value.std().item<double>(), 0.87963e-3, 2.5e-5) << what;
        EXPECT_NEAR(value.mean().item<double>(), 0, 6e-5) << what;
      }
    }
  }
}

TEST(HeadRegistry, SeedNameAndTensorDecideTheWeights) {
  const auto weights = [](const char* name, uint64_t seed, size_t tensor) {
    return BuildHead(name, kSmall, seed)->parameters()[tensor].tensor.detach();
  };
  EXPECT_TRUE(at::equal(weights("adapter-64-shared", 1, 0), weights("adapter-64-shared", 1, 0)));
  EXPECT_FALSE(at::equal(weights("adapter-64-shared", 1, 0), weights("adapter-64-shared", 2, 0)));
  EXPECT_FALSE(at::equal(weights("adapter-64-shared", 1, 0), weights("adapter-64-shared-skip", 1, 0)));
  const std::string branch = "adapter-386-shared-lp-branch";
  EXPECT_FALSE(at::equal(weights(branch.c_str(), 1, 2), weights(branch.c_str(), 1, 4)));
}

TEST(HeadRegistry, StatesOfAnotherBackboneAreRefused) {
  const auto head = BuildHead("adapter-64-shared", kSmall, 1);
  EXPECT_THROW(head->Forward(at::randn({9, 5, 12}), at::tensor({0, 9}, at::kLong)), Error);
  EXPECT_THROW(head->Forward(at::randn({9, 4, 13}), at::tensor({0, 9}, at::kLong)), Error);
}

std::string MessageFor(const std::vector<std::string>& names) {
  try {
    ExpandHeadNames(names, kSmall);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return error.what();
  }
  return "";
}

TEST(HeadRegistry, NamesAreExpandedAndWrongOnesAreExplained) {
  EXPECT_THAT(ExpandHeadNames({"last-layer", "layers", "last-layer"}, kSmall),
              testing::ElementsAre("last-layer", "layer-0", "layer-1", "layer-2", "layer-3"));
  EXPECT_EQ(ExpandHeadNames({"all"}, kSmall).size(), 12U);
  EXPECT_THAT(MessageFor({"adaptor-64-shared"}), testing::HasSubstr("did you mean adapter-64-shared"));
  for (const char* name :
       {"layer-4", "layer--1", "layer-", "layer-01", "layer-1x", "layer-99999999999999999999"}) {
    EXPECT_THAT(MessageFor({name}), testing::HasSubstr("from 0 (embeddings) to 3")) << name;
  }
  EXPECT_THAT(MessageFor({}), testing::HasSubstr("no head"));
}

}  // namespace
}  // namespace bv
