#include "base/shard_index.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"

namespace bv {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ShardIndex Parse(const std::string& text) {
  const test::ScratchFolder folder;
  WriteFileAtomically(folder / kShardIndexFile, text);
  return ReadShardIndex(folder / kShardIndexFile);
}

std::string ErrorOf(const std::string& text) {
  try {
    Parse(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    return error.what();
  }
  return "(no error)";
}

std::string WithShard(const std::string& shard) {
  return R"({"weight_map": {"a": ")" + shard + R"("}})";
}

TEST(ShardIndex, TellsEachTensorsFileAndEachFileOnce) {
  const ShardIndex index = Parse(
      R"({"metadata": {"total_size": 12}, "weight_map": {"b": "m-2.safetensors", "a": "m-1.safetensors",
          "c": "m-2.safetensors"}})");
  EXPECT_THAT(index.shards, ElementsAre("m-1.safetensors", "m-2.safetensors"));
  EXPECT_EQ(index.shard_of.at("c"), "m-2.safetensors");
  EXPECT_EQ(index.shard_of.size(), 3U);
}

TEST(ShardIndex, RefusesShardsOutsideItsFolder) {
  for (const char* bad :
       {"../m.safetensors", "/etc/m.safetensors", "a/m.safetensors", "..\\\\m.safetensors", ".m.safetensors",
        "m.bin", "", "m\\u0000.safetensors", "m\\n.safetensors", "C:m.safetensors"})
    EXPECT_THAT(ErrorOf(WithShard(bad)), HasSubstr("is not the plain name")) << bad;
  EXPECT_EQ(Parse(WithShard("model-00001-of-00002.safetensors")).shards.size(), 1U);
}

TEST(ShardIndex, RefusesOtherShapesByName) {
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("the top level is array"));
  EXPECT_THAT(ErrorOf("{}"), HasSubstr("'weight_map' is missing"));
  EXPECT_THAT(ErrorOf(R"({"weight_map": []})"), HasSubstr("'weight_map' is array"));
  EXPECT_THAT(ErrorOf(R"({"weight_map": {}})"), HasSubstr("no entries"));
  EXPECT_THAT(ErrorOf(R"({"weight_map": {"a": 1}})"), HasSubstr("'weight_map.a' is number"));
  EXPECT_THAT(ErrorOf(R"({"weight_map": {"a": )"), HasSubstr("not valid JSON"));
  EXPECT_THAT(ErrorOf(R"({"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}})"),
              HasSubstr("'a' stands twice"));
}

}  // namespace
}  // namespace bv
