#include "states/origin.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <gmock/gmock.h>

#include "base/testing.h"

namespace bv {
namespace {

using test::MessageOf;
using testing::HasSubstr;

StatesOrigin Rows(const std::string& pooler, std::vector<int32_t> layers = {kPooledState, 0, 1}) {
  return {.where = "rows " + pooler,
          .backbone = "small",
          .backbone_fingerprint = "00000000000000aa",
          .tokenizer_fingerprint = "00000000000000bb",
          .pooler_fingerprint = pooler,
          .precision = "fp32",
          .layers = std::move(layers),
          .cls_only = true,
          .hidden = 8,
          .windows = {}};
}

TEST(StatesOrigin, RowsOfBackbonesThatDifferInThePoolerAloneAreToldApart) {
  const StatesOrigin made = Rows("00000000000000cc"), other = Rows("00000000000000dd");
  EXPECT_NO_THROW(RequireSameBackbone(made, made, false));
  EXPECT_THAT(
      MessageOf([&] { RequireSameBackbone(made, other, false); }),
      HasSubstr(
          "the pooler's fingerprint is 00000000000000cc in rows 00000000000000cc, but 00000000000000dd"));
  EXPECT_NO_THROW(RequireSameBackbone(made, other, true));
}

TEST(StatesOrigin, WhereNoPooledStateIsReadThePoolerDoesNotMatter) {
  EXPECT_NO_THROW(
      RequireSameBackbone(Rows("00000000000000cc", {0, 1}), Rows("00000000000000dd", {0, 1}), false));
}

TEST(StatesOrigin, RowsOfEarlyVersionsWhichDidNotNoteThePoolerAreRead) {
  EXPECT_NO_THROW(RequireSameBackbone(Rows(""), Rows("00000000000000dd"), false));
  EXPECT_NO_THROW(RequireSameBackbone(Rows("00000000000000cc"), Rows(""), false));
  const Json early = Json::parse(OriginToJson(Rows("")).dump());
  EXPECT_FALSE(early.contains("pooler_fingerprint"));
  EXPECT_EQ(OriginFromJson(early, "run.json").pooler_fingerprint, "");
}

TEST(StatesOrigin, ThePoolerIsWrittenWithThePooledStateAndComesBack) {
  const Json json = Json::parse(OriginToJson(Rows("00000000000000cc")).dump());
  EXPECT_EQ(OriginFromJson(json, "run.json").pooler_fingerprint, "00000000000000cc");
  EXPECT_FALSE(OriginToJson(Rows("00000000000000cc", {0, 1})).contains("pooler_fingerprint"));
}

TEST(Pooler, AnyValueOfEitherTensorChangesTheFingerprint) {
  const Pooler pooler = {at::full({2, 2}, 0.5), at::full({2}, 0.25)};
  const Pooler weight = {pooler.weight.clone(), pooler.bias}, bias = {pooler.weight, pooler.bias.clone()};
  EXPECT_EQ(weight.fingerprint(), pooler.fingerprint());
  weight.weight[1][0] += 1;
  bias.bias[1] += 1;
  EXPECT_NE(weight.fingerprint(), pooler.fingerprint());
  EXPECT_NE(bias.fingerprint(), pooler.fingerprint());
}

}  // namespace
}  // namespace bv
