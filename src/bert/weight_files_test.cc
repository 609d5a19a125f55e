#include "bert/weight_files.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/shard_index.h"
#include "base/strings.h"
#include "base/testing.h"
#include "bert/weights.h"

namespace bv {
namespace {

using testing::HasSubstr;

const fs::path kModel = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert/qa";
constexpr const char* kFirst = "model-00001-of-00002.safetensors";
constexpr const char* kSecond = "model-00002-of-00002.safetensors";

// The fixture with its weights in two shards; `index` may be changed before Write.
struct ShardedModel {
  test::ScratchFolder folder;
  Json index = {{"metadata", {{"total_size", 1}}}, {"weight_map", Json::object()}};
  std::vector<NamedTensor> shards[2];

  ShardedModel() {
    fs::copy_file(kModel / "config.json", folder / "config.json");
    const TensorFile whole(kModel / "model.safetensors");
    size_t place = 0;
    for (const std::string& name : whole.names()) {
      const size_t shard = place++ % 2;
      shards[shard].push_back({name, whole.Get(name).clone()});
      index["weight_map"][name] = shard == 0 ? kFirst : kSecond;
    }
  }
  void Write() {
    WriteTensorFile(folder / kFirst, shards[0]);
    WriteTensorFile(folder / kSecond, shards[1]);
    WriteJsonFile(folder / kShardIndexFile, index);
  }
  std::string LoadError() {
    Write();
    try {
      LoadBert(folder.path());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kData);
      return error.what();
    }
    return "(no error)";
  }
};

TEST(WeightFiles, ShardsGiveTheModelOfTheWholeFile) {
  ShardedModel model;
  model.Write();
  const BertWeights sharded = LoadBert(model.folder.path());
  EXPECT_EQ(Fingerprint(sharded), Fingerprint(LoadBert(kModel)));
  EXPECT_TRUE(sharded.has_span_output());
}

TEST(WeightFiles, OneWholeFileGoesBeforeShards) {
  ShardedModel model;
  model.index["weight_map"]["stranger"] = "gone.safetensors";
  model.Write();
  fs::copy_file(kModel / "model.safetensors", model.folder / "model.safetensors");
  EXPECT_EQ(Fingerprint(LoadBert(model.folder.path())), Fingerprint(LoadBert(kModel)));
}

TEST(WeightFiles, AMissingShardIsNamed) {
  ShardedModel model;
  model.index["weight_map"]["stranger"] = "gone.safetensors";
  EXPECT_THAT(model.LoadError(), HasSubstr("shard 'gone.safetensors' is not beside it"));
}

TEST(WeightFiles, ATensorThatItsShardLacksIsNamed) {
  ShardedModel model;
  model.index["weight_map"]["stranger"] = kSecond;
  EXPECT_THAT(model.LoadError(), HasSubstr(Cat(kSecond, ": lacks tensor 'stranger'")));
}

TEST(WeightFiles, ATensorThatTheIndexDoesNotListIsNamed) {
  ShardedModel model;
  model.shards[0].push_back({"stranger", model.shards[0][0].tensor});
  EXPECT_THAT(model.LoadError(), HasSubstr("holds tensor 'stranger', which the index does not list"));
}

TEST(WeightFiles, ATensorInTwoShardsIsNamed) {
  ShardedModel model;
  const NamedTensor twice = model.shards[0][0];
  model.shards[1].push_back(twice);
  EXPECT_THAT(model.LoadError(),
              HasSubstr(Cat("holds tensor '", twice.name, "', which the index gives to '", kFirst)));
}

TEST(WeightFiles, ShardsOutsideTheFolderAreRefused) {
  ShardedModel model;
  const std::string name = model.shards[0][0].name;
  model.index["weight_map"][name] = "../model.safetensors";
  EXPECT_THAT(model.LoadError(), HasSubstr("'../model.safetensors' is not the plain name"));
}

TEST(WeightFiles, ADamagedShardIsNamed) {
  ShardedModel model;
  model.Write();
  const std::string content = ReadFile(model.folder / kSecond);
  WriteFileAtomically(model.folder / kSecond, content.substr(0, content.size() - 1));
  try {
    LoadBert(model.folder.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(kSecond));
  }
}

}  // namespace
}  // namespace bv
