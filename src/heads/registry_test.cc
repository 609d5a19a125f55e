#include "heads/registry.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/testing.h"
#include "heads/testing.h"

namespace bv {
namespace {

using test::MessageOf;

TEST(HeadRegistry, SeedNameAndTensorDecideTheWeights) {
  const auto weights = [](const char* name, uint64_t seed, size_t tensor) {
    return BuildHead(name, test::kSmall, seed)->parameters()[tensor].tensor.detach();
  };
  EXPECT_TRUE(at::equal(weights("adapter-64-shared", 1, 0), weights("adapter-64-shared", 1, 0)));
  EXPECT_FALSE(at::equal(weights("adapter-64-shared", 1, 0), weights("adapter-64-shared", 2, 0)));
  EXPECT_FALSE(at::equal(weights("adapter-64-shared", 1, 0), weights("adapter-64-shared-skip", 1, 0)));
  const std::string branch = "adapter-386-shared-lp-branch";
  EXPECT_FALSE(at::equal(weights(branch.c_str(), 1, 2), weights(branch.c_str(), 1, 4)));
}

TEST(HeadRegistry, StatesOfAnotherBackboneAreRefused) {
  const auto head = BuildHead("adapter-64-shared", test::kSmall, 1);
  EXPECT_THROW(head->Forward(at::randn({9, 5, 12}), at::tensor({0, 9}, at::kLong)), Error);
  EXPECT_THROW(head->Forward(at::randn({9, 4, 13}), at::tensor({0, 9}, at::kLong)), Error);
}

TEST(HeadRegistry, WindowsLongerThanAHeadHasPlacesAreRefusedWithBothNumbers) {
  for (const char* name : {"ap", "detect-parts", "lp-adapter-inception-tokens"}) {
    const HeadEntry entry = FindHead(name, test::kSmall);
    const auto head = entry.build(test::SmallDims(entry.kind), 1);
    const std::string message = MessageOf([&] {
      head->Forward(at::randn({24, 4, 12}), at::tensor({0, 3, 24}, at::kLong));
    });
    EXPECT_THAT(message,
                testing::HasSubstr(entry.kind == HeadKind::kText ? "places for 8 tokens" : "places for 20"));
    EXPECT_THAT(message, testing::HasSubstr("a window has 21"));
  }
}

TEST(HeadRegistry, DimensionsThatAHeadCannotHaveAreRefusedWithWhatItNeeds) {
  EXPECT_THAT(MessageOf([] { BuildHead("ap", test::kSmall, 1); }),
              testing::HasSubstr("how many there are at most"));
  EXPECT_THAT(MessageOf([] {
                BuildHead("xception-abbr", {5, 8}, 1);
              }),
              testing::HasSubstr("needs 9 columns; these states have 8"));
  EXPECT_THAT(MessageOf([] { BuildHead("last-layer", {4, 12, 3}, 1); }), testing::HasSubstr("two outputs"));
}

std::string MessageFor(const std::vector<std::string>& names) {
  try {
    ExpandHeadNames(names, test::kSmall);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return error.what();
  }
  return "";
}

TEST(HeadRegistry, NamesAreExpandedAndWrongOnesAreExplained) {
  EXPECT_THAT(ExpandHeadNames({"last-layer", "layers", "last-layer"}, test::kSmall),
              testing::ElementsAre("last-layer", "layer-0", "layer-1", "layer-2", "layer-3"));
  for (const HeadKind kind : {HeadKind::kSpan, HeadKind::kText, HeadKind::kRow}) {
    const std::vector<std::string> all = ExpandHeadNames({"all"}, test::kSmall, kind);
    EXPECT_EQ(all.size(), kind == HeadKind::kSpan ? 22U : kind == HeadKind::kRow ? 7U : 2U);
    for (const std::string& name : all) EXPECT_EQ(FindHead(name, test::kSmall).kind, kind);
    for (const char* variant : {"lp-adapter-inception-tokens", "xception-full-max"}) {
      EXPECT_THAT(all, testing::Not(testing::Contains(variant)));
    }
  }
  EXPECT_THAT(ExpandHeadNames({"lp-adapter-inception-tokens"}, test::kSmall), testing::SizeIs(1));
  EXPECT_THAT(MessageFor({"ap"}), testing::HasSubstr("ap is a text head"));
  EXPECT_THAT(MessageFor({"adaptor-64-shared"}), testing::HasSubstr("did you mean adapter-64-shared"));
  for (const char* name :
       {"layer-4", "layer--1", "layer-", "layer-01", "layer-1x", "layer-99999999999999999999"}) {
    EXPECT_THAT(MessageFor({name}), testing::HasSubstr("from 0 (embeddings) to 3")) << name;
  }
  EXPECT_THAT(MessageFor({}), testing::HasSubstr("no head"));
}

}  // namespace
}  // namespace bv
