#include "bert/weights.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/testing.h"

namespace bv {
namespace {

using testing::HasSubstr;

const fs::path kFixtures = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert";

TEST(Weights, SavedFoldersLoadToTheSameFingerprint) {
  const test::ScratchFolder folder;
  const BertWeights weights = LoadBert(kFixtures / "qa");
  ASSERT_TRUE(weights.has_span_output());
  SaveBert(folder.path(), weights);
  const BertWeights again = LoadBert(folder.path());
  EXPECT_EQ(Fingerprint(weights), Fingerprint(again));
  EXPECT_TRUE(at::equal(weights.output[0].tensor, again.output[0].tensor));
  again.encoder[3].tensor.view(-1)[0] += 1;
  EXPECT_NE(Fingerprint(weights), Fingerprint(again));
  EXPECT_EQ(ReadFile(folder / "vocab.txt"), ReadFile(kFixtures / "qa" / "vocab.txt"));
}

// The fixtures' own files are what transformers loads without a missing or an unexpected name (make_bert.py
// checks it), so a file that agrees with them in all but the values loads there too.
TEST(Weights, SavedFilesHaveTheNamesTypesAndShapesThatTransformersExpects) {
  for (const auto* name : {"qa", "model-relu"}) {
    const test::ScratchFolder folder;
    SaveBert(folder.path(), LoadBert(kFixtures / name));
    const TensorFile saved(folder / "model.safetensors"), wanted(kFixtures / name / "model.safetensors");
    EXPECT_THAT(saved.names(), testing::UnorderedElementsAreArray(wanted.names())) << name;
    EXPECT_EQ(saved.metadata(), wanted.metadata()) << name;
    for (const auto& tensor : wanted.names()) {
      EXPECT_EQ(saved.Entry(tensor).dtype, wanted.Entry(tensor).dtype) << tensor;
      EXPECT_EQ(saved.Entry(tensor).shape, wanted.Entry(tensor).shape) << tensor;
      EXPECT_TRUE(at::equal(saved.Get(tensor), wanted.Get(tensor))) << tensor;
    }
    const Json config = ReadJsonFile(folder / "config.json");
    EXPECT_EQ(config, ReadJsonFile(kFixtures / name / "config.json")) << name;
  }
}

std::string LoadError(const fs::path& folder) {
  try {
    LoadBert(folder);
  } catch (const Error& error) {
    return error.what();
  }
  return "(no error)";
}

// A copy of a fixture whose config.json has a text replaced.
void CopyWithConfig(const fs::path& to, const std::string& from_text, const std::string& to_text) {
  for (const auto* name : {"config.json", "model.safetensors", "vocab.txt"}) {
    fs::copy_file(kFixtures / "qa" / name, to / name, fs::copy_options::overwrite_existing);
  }
  std::string config = ReadFile(to / "config.json");
  const size_t place = config.find(from_text);
  ASSERT_NE(place, std::string::npos);
  config.replace(place, from_text.size(), to_text);
  WriteFileAtomically(to / "config.json", config);
}

TEST(Weights, DisagreementBetweenConfigAndWeightsIsNamed) {
  const test::ScratchFolder folder;
  CopyWithConfig(folder.path(), "\"hidden_size\": 20", "\"hidden_size\": 24");
  EXPECT_THAT(LoadError(folder.path()),
              HasSubstr("word_embeddings.weight' has shape [24, 20], config.json asks for [24, 24]"));
  CopyWithConfig(folder.path(), "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
  EXPECT_THAT(LoadError(folder.path()),
              HasSubstr("16 of 53 weights are missing (encoder.layer.2.attention.self.query.weight"));
  CopyWithConfig(folder.path(), "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1");
  EXPECT_THAT(LoadError(folder.path()),
              HasSubstr("encoder.layer.1.attention.output.LayerNorm.bias' has no place"));
  CopyWithConfig(folder.path(), "\"model_type\": \"bert\"", "\"model_type\": \"roberta\"");
  EXPECT_THAT(LoadError(folder.path()), HasSubstr("model_type is 'roberta'"));
  CopyWithConfig(folder.path(), "\"num_attention_heads\": 4", "\"num_attention_heads\": 3");
  EXPECT_THAT(LoadError(folder.path()), HasSubstr("hidden_size 20 is not a multiple"));
  CopyWithConfig(folder.path(), "\"hidden_size\": 20", "\"hidden_size\": -1");
  EXPECT_THAT(LoadError(folder.path()), HasSubstr("'hidden_size' is -1, allowed is 1 to"));
}

TEST(Weights, NotANumberIsRefusedByName) {
  const test::ScratchFolder folder;
  CopyWithConfig(folder.path(), "\"vocab_size\": 24", "\"vocab_size\": 24");
  const TensorFile file(kFixtures / "qa" / "model.safetensors");
  std::vector<NamedTensor> tensors;
  for (const auto& name : file.names()) tensors.push_back({name, file.Get(name).clone()});
  tensors[2].tensor.view(-1)[1] = std::nan("");
  WriteTensorFile(folder / "model.safetensors", tensors);
  EXPECT_THAT(LoadError(folder.path()), HasSubstr(tensors[2].name));
}

}  // namespace
}  // namespace bv
