#include "bert/config.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr int64_t kMaxDimension = 1 << 20;

void RefuseUnsupported(const Json& json, const std::string& file) {
  const auto refuse = [&](const std::string& found, const std::string& allowed) {
    throw Error(ErrorKind::kUnsupported, file + ": " + found + "; " + allowed);
  };
  const std::string type = json.contains("model_type") ? RequireString(json, "model_type", file) : "bert";
  if (type != "bert") {
    refuse("model_type is " + Quoted(type),
           "only BERT (model_type 'bert': BertModel, BertForQuestionAnswering, …) is supported");
  }
  if (json.contains("position_embedding_type") && json["position_embedding_type"] != "absolute") {
    refuse("position_embedding_type is " + json["position_embedding_type"].dump(),
           "only 'absolute' is supported");
  }
  for (const char* key : {"is_decoder", "add_cross_attention"}) {
    if (json.contains(key) && json[key] == true) refuse(Cat(key, " is true"), "only encoders are supported");
  }
}

double Probability(const Json& json, const char* key, double otherwise, const std::string& file) {
  if (!json.contains(key) || json[key].is_null()) return otherwise;
  const double value = RequireNumber(json, key, file);
  if (!(value >= 0 && value < 1))
    throw DataError(file, Cat("'", key, "' is ", value, ", allowed is 0 to below 1"));
  return value;
}

// id2label is {"0": name, "1": name, …}.
std::vector<std::string> LabelsOf(const Json& json, const std::string& file) {
  if (!json.contains("id2label") || json["id2label"].is_null()) return {};
  const Json& names = RequireObject(json, "id2label", file);
  std::vector<std::string> labels;
  for (size_t i = 0; i < names.size(); ++i) {
    labels.push_back(RequireString(names, std::to_string(i).c_str(), file, "id2label"));
  }
  return labels;
}

}  // namespace

BertConfig ReadBertConfig(const std::filesystem::path& folder) {
  const std::string file = (folder / "config.json").string();
  if (!fs::is_directory(folder)) {
    throw Error(ErrorKind::kIo, Cat("model '", folder.string(),
                                    "' is not a folder; a Hugging Face folder with config.json, "
                                    "model.safetensors and vocab.txt is needed"));
  }
  BertConfig config;
  config.json = ReadFile(file);
  const Json json = ParseJson(config.json, file);
  if (!json.is_object())
    throw DataError(file, Cat("the top level is ", json.type_name(), ", an object is needed"));
  RefuseUnsupported(json, file);
  const auto dimension = [&](const char* key) { return RequireInteger(json, key, 1, kMaxDimension, file); };
  config.vocab_size = RequireInteger(json, "vocab_size", 1, 100 * kMaxDimension, file);
  config.hidden_size = dimension("hidden_size");
  config.num_layers = RequireInteger(json, "num_hidden_layers", 1, 1000, file);
  config.num_heads = dimension("num_attention_heads");
  config.intermediate_size = dimension("intermediate_size");
  config.max_positions = dimension("max_position_embeddings");
  config.type_vocab_size = json.contains("type_vocab_size") ? dimension("type_vocab_size") : 2;
  if (config.hidden_size % config.num_heads != 0) {
    throw DataError(file, Cat("hidden_size ", config.hidden_size,
                              " is not a multiple of num_attention_heads ", config.num_heads));
  }
  if (json.contains("layer_norm_eps")) config.layer_norm_eps = RequireNumber(json, "layer_norm_eps", file);
  if (!(config.layer_norm_eps >= 0 && config.layer_norm_eps < 1)) {
    throw DataError(file, Cat("'layer_norm_eps' is ", config.layer_norm_eps, ", allowed is 0 to below 1"));
  }
  if (json.contains("hidden_act")) config.hidden_act = RequireString(json, "hidden_act", file);
  config.hidden_dropout = Probability(json, "hidden_dropout_prob", 0.1, file);
  config.attention_dropout = Probability(json, "attention_probs_dropout_prob", 0.1, file);
  config.classifier_dropout = Probability(json, "classifier_dropout", config.hidden_dropout, file);
  if (json.contains("architectures") && json["architectures"].is_array() && !json["architectures"].empty() &&
      json["architectures"][0].is_string()) {
    config.architecture = json["architectures"][0].get<std::string>();
  }
  if (config.architecture == "BertForSequenceClassification") {
    const Json problem = json.value("problem_type", Json());
    if (problem == "multi_label_classification")
      throw Error(ErrorKind::kUnsupported,
                  file +
                      ": problem_type is 'multi_label_classification'; one label or value a "
                      "text is supported");
    config.labels = LabelsOf(json, file);
    config.regression = problem == "regression";
  }
  return config;
}

}  // namespace bv
