#include "analysis/layers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "analysis/run_set.h"
#include "base/error.h"
#include "base/strings.h"
#include "run/results.h"
#include "run/run_folder.h"
#include "tensorfile/tensor_file.h"

namespace bv {
namespace {

constexpr const char* kProbePrefix = "layer-";

// f32 values of a tensor in row order.
std::vector<double> Values(const TensorFile& file, const std::string& name, int64_t multiple_of) {
  const at::Tensor tensor = file.Get(name).to(at::kDouble).contiguous();
  if (tensor.numel() == 0 || tensor.numel() % multiple_of != 0) {
    throw DataError(file.path().string(), Cat("tensor ", Quoted(name), " has ", tensor.numel(),
                                              " values, a multiple of ", multiple_of, " is needed"));
  }
  const auto* values = tensor.const_data_ptr<double>();
  return {values, values + tensor.numel()};
}

std::vector<double> PoolingOf(const TensorFile& file, size_t layers) {
  if (!file.Has("pooling.weight") || !file.Has("pooling.scale")) return {};
  std::vector<double> weights = Values(file, "pooling.weight", 1);
  if (weights.size() != layers) {
    throw DataError(file.path().string(),
                    Cat("pooling.weight has ", weights.size(), " values for ", layers, " layers"));
  }
  const double scale = Values(file, "pooling.scale", 1)[0];
  const double top = *std::max_element(weights.begin(), weights.end());
  for (double& weight : weights) weight = std::exp(weight - top);
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight *= scale / sum;
  return weights;
}

// adapter.weight is [H, d] where all layers share it, else [L, H, d].
std::vector<double> AdapterNorms(const TensorFile& file, size_t layers) {
  if (!file.Has("adapter.weight") || file.Entry("adapter.weight").shape.size() != 3) return {};
  const std::vector<double> values = Values(file, "adapter.weight", static_cast<int64_t>(layers));
  const size_t size = values.size() / layers;
  std::vector<double> norms;
  for (size_t l = 0; l < layers; ++l) {
    double sum = 0;
    for (size_t i = l * size; i < (l + 1) * size; ++i) sum += values[i] * values[i];
    norms.push_back(std::sqrt(sum));
  }
  return norms;
}

// The output's rows for the flattened features of the layers' adapters: feature j of layer l is row j * L +
// l, and heads of texts have such rows for every place; detect-parts has row l * d + j in each. Heads of
// spans may have rows for other features after them.
std::vector<double> OutputNorms(const TensorFile& file, size_t layers, bool all_places) {
  if (!file.Has("adapter.weight") || !file.Has("output.weight")) return {};
  const auto width = static_cast<size_t>(file.Entry("adapter.weight").shape.back());
  const auto columns = static_cast<size_t>(file.Entry("output.weight").shape.back());
  const std::vector<double> values = Values(file, "output.weight", file.Entry("output.weight").shape.back());
  const size_t of_a_place = width * layers;
  if (values.size() < of_a_place * columns) return {};
  const size_t rows = all_places ? values.size() / columns : of_a_place;
  const bool layer_first = file.Has("depth.weight");
  std::vector<double> sums(layers, 0);
  for (size_t row = 0; row < rows; ++row) {
    const size_t layer = layer_first ? row / width % layers : row % layers;
    for (size_t c = 0; c < columns; ++c) {
      const double value = values[row * columns + c];
      sums[layer] += value * value;
    }
  }
  for (double& sum : sums) sum = std::sqrt(sum);
  return sums;
}

std::vector<int32_t> LayersOf(const fs::path& folder, int64_t count) {
  std::vector<int32_t> layers;
  const SavedRun run = ReadRun(folder);
  const auto found = run.record.inputs.find("layers");
  if (found != run.record.inputs.end() && found->is_array()) {
    for (const auto& layer : *found) {
      if (layer.is_number_integer()) layers.push_back(layer.get<int32_t>());
    }
  }
  if (static_cast<int64_t>(layers.size()) == count) return layers;
  throw DataError((folder / "run.json").string(),
                  Cat("inputs.layers does not name the ", count, " layers that head.json says"));
}

HeadLayers ReadHead(const fs::path& folder) {
  const std::string file = (folder / "head.json").string();
  const Json json = ReadJsonFile(file);
  HeadLayers head;
  head.folder = folder;
  head.layers = LayersOf(folder, RequireInteger(json, "layers", 1, 1000, file));
  const size_t layers = head.layers.size();
  const TensorFile weights(folder / "head.safetensors");
  head.pooling = PoolingOf(weights, layers);
  head.adapter = AdapterNorms(weights, layers);
  const auto kind = json.find("kind");
  head.output = OutputNorms(weights, layers, kind != json.end() && *kind == "text");
  const std::string& name = RequireString(json, "name", file);
  size_t state = 0;
  const char* end = name.data() + name.size();
  if (name.starts_with(kProbePrefix) &&
      std::from_chars(name.data() + std::string_view(kProbePrefix).size(), end, state).ptr == end &&
      state < layers)
    head.probe = head.layers[state];
  const fs::path results = folder / "all_results.json";
  const Metrics metrics = fs::exists(results) ? ReadResults(results) : Metrics();
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  head.exact = FindMetric(metrics, {"eval_exact", "eval_exact_match"}).value_or(kNone);
  head.f1 = FindMetric(metrics, {"eval_f1"}).value_or(kNone);
  return head;
}

std::vector<fs::path> FindHeads(const std::vector<fs::path>& folders) {
  std::vector<fs::path> found;
  for (const fs::path& folder : folders) {
    if (fs::exists(folder / "head.json")) {
      found.push_back(folder);
    } else if (fs::is_directory(folder)) {
      std::vector<fs::path> inside;
      for (const auto& entry : fs::directory_iterator(folder)) {
        if (fs::exists(entry.path() / "head.json") && fs::exists(entry.path() / "run.json"))
          inside.push_back(entry.path());
      }
      std::sort(inside.begin(), inside.end());
      found.insert(found.end(), inside.begin(), inside.end());
    }
  }
  return found;
}

// A column of the table: a value for some layers.
struct LayerColumn {
  std::string title;
  std::map<int32_t, double> values;
  int decimals = 4;
};

void AddColumn(const HeadLayers& head, const char* what, const std::vector<double>& values,
               std::vector<LayerColumn>* columns) {
  if (values.empty()) return;
  LayerColumn column = {Cat(head.name, " ", what), {}, 4};
  for (size_t i = 0; i < values.size(); ++i) column.values[head.layers[i]] = values[i];
  columns->push_back(std::move(column));
}

std::vector<LayerColumn> ColumnsOf(const std::vector<HeadLayers>& heads) {
  std::vector<LayerColumn> columns;
  LayerColumn exact = {"probe EM", {}, 2}, f1 = {"probe F1", {}, 2};
  for (const HeadLayers& head : heads) {
    AddColumn(head, "pooling", head.pooling, &columns);
    AddColumn(head, "adapter norm", head.adapter, &columns);
    AddColumn(head, "output norm", head.output, &columns);
    if (!head.probe) continue;
    exact.values[*head.probe] = head.exact;
    f1.values[*head.probe] = head.f1;
  }
  if (!exact.values.empty()) {
    columns.push_back(std::move(exact));
    columns.push_back(std::move(f1));
  }
  return columns;
}

OrderedJson HeadJson(const HeadLayers& head) {
  OrderedJson json = {{"run", head.name}, {"layers", head.layers}};
  if (!head.pooling.empty()) json["pooling"] = head.pooling;
  if (!head.adapter.empty()) json["adapter_norm"] = head.adapter;
  if (!head.output.empty()) json["output_norm"] = head.output;
  if (head.probe) {
    json["probe"] = *head.probe;
    json["exact"] = head.exact;
    json["f1"] = head.f1;
  }
  return json;
}

}  // namespace

std::vector<HeadLayers> ReadHeadLayers(const std::vector<fs::path>& folders) {
  const std::vector<fs::path> found = FindHeads(folders);
  const std::vector<std::string> names = ShortNames(found);
  std::vector<HeadLayers> heads;
  for (size_t i = 0; i < found.size(); ++i) {
    heads.push_back(ReadHead(found[i]));
    heads.back().name = names[i];
  }
  return heads;
}

Finding LayersFinding(const std::vector<HeadLayers>& heads) {
  const std::vector<LayerColumn> columns = ColumnsOf(heads);
  std::vector<Column> titles = {{"layer"}};
  std::map<int32_t, bool> layers;
  for (const LayerColumn& column : columns) {
    titles.push_back({column.title, Align::kRight, column.decimals});
    for (const auto& [layer, value] : column.values) layers[layer] = true;
  }
  Finding finding = {"layers",
                     "Layers (0 = embeddings): weights that heads have learned, and what probes reach",
                     Table(std::move(titles)), OrderedJson::array()};
  for (const auto& [layer, there] : layers) {
    std::vector<Cell> cells;
    cells.emplace_back(static_cast<int64_t>(layer));
    for (const LayerColumn& column : columns) {
      const auto value = column.values.find(layer);
      cells.emplace_back();
      if (value != column.values.end()) cells.back() = value->second;
    }
    finding.table.AddRow(std::move(cells));
  }
  for (const HeadLayers& head : heads) finding.json.push_back(HeadJson(head));
  return finding;
}

std::optional<LayerUse> LayerUseOf(const HeadLayers& head) {
  const std::pair<const char*, const std::vector<double>*> kinds[] = {
      {"pooling", &head.pooling}, {"output norm", &head.output}, {"adapter norm", &head.adapter}};
  for (const auto& [what, values] : kinds) {
    if (!values->empty()) return LayerUse{what, head.layers, *values};
  }
  return std::nullopt;
}

}  // namespace bv
