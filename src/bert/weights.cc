#include "bert/weights.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/rng.h"
#include "base/strings.h"
#include "bert/weight_files.h"

namespace bv {
namespace {

constexpr const char* kWeightsFile = "model.safetensors";
constexpr const char* kClassifier = "BertForSequenceClassification";

// The canonical name of a tensor in a file.
std::string Canonical(std::string name) {
  if (name.starts_with("bert.")) name = name.substr(5);
  const auto replace_end = [&](std::string_view from, std::string_view to) {
    if (name.ends_with(from)) name = name.substr(0, name.size() - from.size()) + std::string(to);
  };
  replace_end("LayerNorm.gamma", "LayerNorm.weight");
  replace_end("LayerNorm.beta", "LayerNorm.bias");
  return name;
}

// Tensors of other heads and buffers that old files carry: nothing is lost by leaving them out.
bool BelongsElsewhere(const std::string& canonical) {
  return canonical.starts_with("cls.") || canonical.starts_with("classifier.") ||
         canonical == "embeddings.position_ids" || canonical == "embeddings.token_type_ids";
}

std::string ShapeText(at::IntArrayRef shape) {
  std::vector<std::string> parts;
  for (const int64_t size : shape) parts.push_back(std::to_string(size));
  return "[" + Join(parts, ", ") + "]";
}

class Loader {
 public:
  explicit Loader(const std::filesystem::path& folder) : files_(folder) {
    for (const auto& name : files_.names()) {
      const auto [place, inserted] = names_.emplace(Canonical(name), name);
      if (!inserted) {
        throw DataError(files_.path().string(), Cat("tensors ", Quoted(place->second), " and ", Quoted(name),
                                                    " are the same weight"));
      }
    }
  }

  // The first dimension of a tensor by its canonical name; 0 where it is not there or has none.
  int64_t Rows(const std::string& canonical) const {
    const auto place = names_.find(canonical);
    if (place == names_.end()) return 0;
    const at::Tensor tensor = files_.Get(place->second);
    return tensor.dim() == 0 ? 0 : tensor.size(0);
  }

  // All of the entries, or nothing when `optional` and none of them is there.
  std::vector<NamedTensor> Take(const std::vector<WeightEntry>& entries, bool optional) {
    std::vector<NamedTensor> tensors;
    std::vector<std::string> missing;
    for (const auto& entry : entries) {
      if (names_.contains(entry.name)) {
        tensors.push_back({entry.name, Read(entry)});
      } else {
        missing.push_back(entry.name);
      }
    }
    if (optional && tensors.empty()) return {};
    if (!missing.empty()) {
      const size_t count = missing.size();
      if (count > 3) missing.resize(3);
      throw DataError(files_.path().string(), Cat(count, " of ", entries.size(), " weights are missing (",
                                                  Join(missing, ", "), count > 3 ? ", …" : "",
                                                  "); is this another kind of model, or does config.json "
                                                  "belong to another one?"));
    }
    return tensors;
  }

  // Unknown tensors outside the encoder are harmless; inside it they mean that config.json tells of another
  // model.
  void CheckTheRest() const {
    std::vector<std::string> unknown;
    for (const auto& [canonical, name] : names_) {
      if (!taken_.contains(canonical) && canonical.starts_with("encoder.")) {
        throw DataError(files_.path().string(),
                        Cat("tensor '", name, "' has no place in the model that config.json describes"));
      }
      if (!taken_.contains(canonical) && !BelongsElsewhere(canonical)) unknown.push_back(name);
    }
    if (!unknown.empty()) {
      const size_t count = unknown.size();
      if (count > 5) unknown.resize(5);
      LogWarning(Cat(files_.path().string(), ": ", count, " tensors that a BERT does not have are ignored: ",
                     Join(unknown, ", "), count > 5 ? ", …" : ""));
    }
  }

 private:
  at::Tensor Read(const WeightEntry& entry) {
    taken_.insert(entry.name);
    const std::string& name = names_.at(entry.name);
    const at::Tensor stored = files_.Get(name);
    const std::string file = files_.FileOf(name).string();
    if (stored.sizes() != at::IntArrayRef(entry.shape)) {
      throw DataError(file, Cat("tensor '", name, "' has shape ", ShapeText(stored.sizes()),
                                ", config.json asks for ", ShapeText(entry.shape)));
    }
    const auto type = stored.scalar_type();
    if (type != at::kFloat && type != at::kHalf && type != at::kBFloat16) {
      throw DataError(file,
                      Cat("tensor '", name, "' is ", at::toString(type), ", F32, F16 or BF16 is needed"));
    }
    at::Tensor tensor = stored.to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
    RequireFinite(tensor, name, file);
    return tensor;
  }

  WeightFiles files_;
  std::map<std::string, std::string> names_;  // canonical to stored
  std::set<std::string> taken_;
};

constexpr double kDeviation = 0.02;  // of BERT's new layers

at::Tensor NormalTensor(const std::string& name, at::IntArrayRef shape, double deviation, uint64_t seed,
                        bool truncated = false) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  Rng rng(SubSeed(seed, name));
  auto* values = tensor.mutable_data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    values[i] = static_cast<float>(deviation * (truncated ? rng.TruncatedNormal() : rng.Normal()));
  }
  return tensor;
}

const char* ArchitectureOf(const BertWeights& weights) {
  if (weights.output.empty()) return "BertModel";
  return weights.has_span_output() ? "BertForQuestionAnswering" : kClassifier;
}

// Class names where the configuration has none, as transformers makes them up.
void CompleteLabels(BertConfig* config, int64_t classes, const std::filesystem::path& folder) {
  if (config->labels.empty()) {
    for (int64_t i = 0; i < classes; ++i) config->labels.push_back(Cat("LABEL_", i));
  }
  config->regression = config->regression || classes == 1;
  if (static_cast<int64_t>(config->labels.size()) == classes) return;
  throw DataError((folder / "config.json").string(),
                  Cat("id2label names ", config->labels.size(), " classes, classifier.weight has ", classes));
}

void DescribeClasses(const BertConfig& config, OrderedJson* json) {
  OrderedJson names = OrderedJson::object(), numbers = OrderedJson::object();
  for (size_t i = 0; i < config.labels.size(); ++i) {
    names[std::to_string(i)] = config.labels[i];
    numbers[config.labels[i]] = i;
  }
  (*json)["id2label"] = names;
  (*json)["label2id"] = numbers;
  (*json)["problem_type"] = config.regression ? "regression" : "single_label_classification";
}

void AddDense(std::vector<WeightEntry>& table, const std::string& name, int64_t out, int64_t in) {
  table.push_back({name + ".weight", {out, in}});
  table.push_back({name + ".bias", {out}});
}

void AddNorm(std::vector<WeightEntry>& table, const std::string& name, int64_t size) {
  table.push_back({name + ".weight", {size}});
  table.push_back({name + ".bias", {size}});
}

}  // namespace

std::vector<WeightEntry> EncoderTable(const BertConfig& config) {
  const int64_t hidden = config.hidden_size;
  std::vector<WeightEntry> table = {
      {"embeddings.word_embeddings.weight", {config.vocab_size, hidden}},
      {"embeddings.position_embeddings.weight", {config.max_positions, hidden}},
      {"embeddings.token_type_embeddings.weight", {config.type_vocab_size, hidden}}};
  AddNorm(table, "embeddings.LayerNorm", hidden);
  for (int64_t i = 0; i < config.num_layers; ++i) {
    const std::string layer = Cat("encoder.layer.", i, ".");
    for (const char* part : {"query", "key", "value"})
      AddDense(table, layer + "attention.self." + part, hidden, hidden);
    AddDense(table, layer + "attention.output.dense", hidden, hidden);
    AddNorm(table, layer + "attention.output.LayerNorm", hidden);
    AddDense(table, layer + "intermediate.dense", config.intermediate_size, hidden);
    AddDense(table, layer + "output.dense", hidden, config.intermediate_size);
    AddNorm(table, layer + "output.LayerNorm", hidden);
  }
  return table;
}

BertWeights LoadBert(const std::filesystem::path& folder) {
  BertWeights weights;
  weights.config = ReadBertConfig(folder);
  weights.folder = folder;
  const int64_t hidden = weights.config.hidden_size;
  Loader loader(folder);
  weights.encoder = loader.Take(EncoderTable(weights.config), /*optional=*/false);
  weights.pooler =
      loader.Take({{"pooler.dense.weight", {hidden, hidden}}, {"pooler.dense.bias", {hidden}}}, true);
  weights.output = loader.Take({{"qa_outputs.weight", {2, hidden}}, {"qa_outputs.bias", {2}}}, true);
  // Models of other tasks have a "classifier" too, which is none of the whole text.
  if (weights.output.empty() && weights.config.architecture == kClassifier) {
    const int64_t classes = loader.Rows("classifier.weight");
    if (weights.pooler.empty() || classes < 1) {
      throw DataError(folder.string(), Cat("config.json says ", kClassifier, ", but ",
                                           weights.pooler.empty() ? "pooler.dense" : "classifier.weight",
                                           " is missing, which it needs"));
    }
    weights.output =
        loader.Take({{"classifier.weight", {classes, hidden}}, {"classifier.bias", {classes}}}, false);
    CompleteLabels(&weights.config, classes, folder);
  }
  loader.CheckTheRest();
  return weights;
}

std::vector<NamedTensor> NewSpanOutput(int64_t hidden_size, uint64_t seed) {
  return {{"qa_outputs.weight", NormalTensor("qa_outputs.weight", {2, hidden_size}, kDeviation, seed)},
          {"qa_outputs.bias", at::zeros({2}, at::kFloat)}};
}

void AddClassOutput(BertWeights* weights, std::vector<std::string> labels, bool regression, uint64_t seed,
                    ClassOutputInit init) {
  const int64_t hidden = weights->config.hidden_size;
  const auto classes = static_cast<int64_t>(labels.size());
  if (weights->pooler.empty()) {
    weights->pooler = {
        {"pooler.dense.weight", NormalTensor("pooler.dense.weight", {hidden, hidden}, kDeviation, seed)},
        {"pooler.dense.bias", at::zeros({hidden}, at::kFloat)}};
  }
  const bool he = init == ClassOutputInit::kHeNormal;
  const double deviation = he ? std::sqrt(2.0 / static_cast<double>(hidden)) : kDeviation;
  weights->output = {
      {"classifier.weight", NormalTensor("classifier.weight", {classes, hidden}, deviation, seed, he)},
      {"classifier.bias", at::zeros({classes}, at::kFloat)}};
  weights->config.labels = std::move(labels);
  weights->config.regression = regression;
}

void SaveBert(const std::filesystem::path& folder, const BertWeights& weights) {
  MakeFolder(folder);
  OrderedJson config = OrderedJson::parse(weights.config.json);
  // A model of several tasks is saved as the task it was trained for; its prefix is the task models' own.
  const std::string prefix = weights.output.empty() ? "" : "bert.";
  config["architectures"] = {ArchitectureOf(weights)};
  // Labels of an earlier task would give the output another size in transformers.
  for (const char* key : {"id2label", "label2id", "problem_type", "num_labels"}) config.erase(key);
  if (weights.has_class_output()) DescribeClasses(weights.config, &config);
  config["model_type"] = "bert";
  for (const char* key : {"torch_dtype", "dtype"}) {
    if (config.contains(key)) config[key] = "float32";
  }
  std::vector<NamedTensor> tensors;
  for (const auto& [name, tensor] : weights.encoder) tensors.push_back({prefix + name, tensor});
  // BertForQuestionAnswering has no pooler, so only the plain model keeps it.
  if (!weights.has_span_output()) {
    for (const auto& [name, tensor] : weights.pooler) tensors.push_back({prefix + name, tensor});
  }
  tensors.insert(tensors.end(), weights.output.begin(), weights.output.end());
  for (const char* name :
       {"vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}) {
    const auto source = weights.folder / name;
    if (fs::exists(source)) WriteFileAtomically(folder / name, ReadFile(source));
  }
  WriteTensorFile(folder / kWeightsFile, tensors, {{"format", "pt"}});
  WriteJsonFile(folder / "config.json", config);
}

uint64_t Fingerprint(const BertWeights& weights) {
  Xxh3 hash;
  const BertConfig& config = weights.config;
  hash.Update(Cat("bert ", config.num_heads, " ", config.hidden_act, " ", config.layer_norm_eps, "\n"));
  for (const auto& [name, tensor] : weights.encoder) {
    const at::Tensor values = tensor.detach().to(at::kFloat).contiguous();
    hash.Update(Cat(name, " ", ShapeText(values.sizes()), "\n"));
    hash.Update(values.const_data_ptr<float>(), static_cast<size_t>(values.numel()) * sizeof(float));
  }
  return hash.Digest();
}

}  // namespace bv
