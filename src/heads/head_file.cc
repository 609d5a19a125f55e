#include "heads/head_file.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/rng.h"
#include "base/strings.h"
#include "heads/registry.h"

namespace bv {
namespace {

constexpr const char* kFormat = "bertvision-head";
constexpr int64_t kVersion = 1;
constexpr const char* kWeightsFile = "head.safetensors";
constexpr const char* kHeadFile = "head.json";
constexpr int64_t kMaxLayers = 1000, kMaxHidden = 100000, kMaxOutputs = 1'000'000, kMaxTokens = 1'000'000;
constexpr int64_t kMaxRow = int64_t{1} << 22;  // layers times hidden; BERT-large has 25,600

// What loading runs again: two windows of standard normal states, of so many tokens (fewer where the head has
// fewer places), or two rows.
constexpr std::array<int64_t, 2> kCheckTokens = {5, 3};
// Largest distance of an output, relative to the largest expected one (at least 1): other processors add up
// in another order; bf16 has 8 bits.
constexpr double kToleranceF32 = 1e-4;
constexpr double kToleranceBf16 = 3e-2;

std::array<int64_t, 2> CheckTokens(const Head& head) {
  if (head.kind() == HeadKind::kRow) return {1, 1};
  std::array<int64_t, 2> tokens = kCheckTokens;
  if (head.dims().tokens > 0) {
    for (int64_t& count : tokens) count = std::min(count, head.dims().tokens);
  }
  return tokens;
}

at::Tensor CheckOutputs(const Head& head, uint64_t seed, at::ScalarType type) {
  at::NoGradGuard no_grad;
  Rng rng(seed);
  const std::array<int64_t, 2> tokens = CheckTokens(head);
  at::Tensor states = at::empty({tokens[0] + tokens[1], head.dims().layers, head.dims().hidden}, at::kFloat);
  float* values = states.mutable_data_ptr<float>();
  for (int64_t i = 0; i < states.numel(); ++i) values[i] = static_cast<float>(rng.Normal());
  const at::Tensor offsets = at::tensor({int64_t{0}, tokens[0], tokens[0] + tokens[1]}, at::kLong);
  const at::Device device = head.parameters().front().tensor.device();
  return head.Forward(states.to(type).to(device), offsets).cpu().contiguous();
}

OrderedJson CheckSection(const Head& head) {
  const uint64_t seed = HashText(head.name()) >> 1;
  const at::Tensor outputs = CheckOutputs(head, seed, at::kFloat);
  const std::array<int64_t, 2> tokens = CheckTokens(head);
  const float* values = outputs.const_data_ptr<float>();
  return {{"seed", seed},
          {"inputs", Cat(Join({std::to_string(tokens[0]), std::to_string(tokens[1])}, " and "),
                         head.kind() == HeadKind::kRow ? " rows" : " tokens",
                         " of standard normal states, SplitMix64 and Box-Muller")},
          {"outputs", std::vector<float>(values, values + outputs.numel())},
          {"tolerance", {{"fp32", kToleranceF32}, {"bf16", kToleranceBf16}}}};
}

void RunCheck(const Head& head, const Json& json, const std::string& file) {
  const Json& check = RequireObject(json, "check", file);
  const auto seed = static_cast<uint64_t>(RequireInteger(check, "seed", 0, INT64_MAX, file, "check"));
  const Json& expected = RequireArray(check, "outputs", file, "check");
  const Json& tolerance = RequireObject(check, "tolerance", file, "check");
  double largest = 1;
  for (const Json& value : expected) {
    if (!value.is_number()) throw DataError(file, "check.outputs: not a list of numbers");
    largest = std::max(largest, std::abs(value.get<double>()));
  }
  for (const auto& [precision, type] : {std::pair("fp32", at::kFloat), std::pair("bf16", at::kBFloat16)}) {
    const double allowed = RequireNumber(tolerance, precision, file, "check.tolerance");
    const at::Tensor outputs = CheckOutputs(head, seed, type);
    if (static_cast<size_t>(outputs.numel()) != expected.size()) {
      throw DataError(file, Cat("check.outputs: ", expected.size(), " values, needed: ", outputs.numel()));
    }
    const float* values = outputs.const_data_ptr<float>();
    double distance = 0;
    for (size_t i = 0; i < expected.size(); ++i) {
      distance = std::max(distance, std::abs(values[i] - expected[i].get<double>()) / largest);
    }
    if (!(distance <= allowed)) {
      throw DataError(file,
                      Cat("the head does not give the outputs it was saved with: in ", precision, " off by ",
                          distance, ", allowed: ", allowed, "; the weights are another head's, or damaged"));
    }
  }
}

void CheckWeightsFile(const Json& json, const fs::path& weights, const std::string& file) {
  const Json& entry = RequireObject(json, "weights", file);
  std::error_code failed;
  const uintmax_t bytes = fs::file_size(weights, failed);
  if (failed) throw IoError("cannot read the head's weights", weights.string());
  const int64_t expected = RequireInteger(entry, "bytes", 1, INT64_MAX, file, "weights");
  if (bytes != static_cast<uintmax_t>(expected)) {
    throw DataError(weights.string(),
                    Cat(bytes, " bytes, ", file, " says ", expected, "; a copy was cut short?"));
  }
  if (HashFile(weights) != RequireHex(entry, "xxh3", file, "weights")) {
    throw DataError(weights.string(), Cat("its checksum is not the one in ", file, "; the file has changed"));
  }
}

// What follows allocates for these dimensions, so a lying file must not get that far.
void RequireRoomFor(const std::string& name, const BackboneDims& dims, const fs::path& weights,
                    const std::string& file) {
  if (dims.layers * dims.hidden > kMaxRow) {
    throw DataError(file, Cat(dims.layers, " states of width ", dims.hidden, " are ",
                              dims.layers * dims.hidden, " numbers a token; ", kMaxRow, " is the most"));
  }
  std::error_code failed;
  const uintmax_t bytes = fs::file_size(weights, failed);
  if (failed) throw IoError("cannot read the head's weights", weights.string());
  const auto least = static_cast<uintmax_t>(FindHead(name, dims).parameters(dims)) * sizeof(float);
  if (bytes < least) {
    throw DataError(weights.string(), Cat(bytes, " bytes, needed for the head ", name, " on ", dims.layers,
                                          " states of width ", dims.hidden, ": at least ", least));
  }
}

std::vector<int32_t> ParseNumbers(const Json& json, int64_t layers, const std::string& file) {
  std::vector<int32_t> numbers;
  for (const Json& number : RequireArray(json, "state_numbers", file)) {
    const bool fits = number.is_number_integer() && number >= 0 && number < kMaxLayers &&
                      (numbers.empty() || number.get<int32_t>() > numbers.back());
    if (!fits)
      throw DataError(file, Cat("state_numbers holds ", number.dump(), "; rising numbers are needed"));
    numbers.push_back(number.get<int32_t>());
  }
  if (static_cast<int64_t>(numbers.size()) != layers)
    throw DataError(file, Cat("state_numbers has ", numbers.size(), " entries, layers is ", layers));
  return numbers;
}

std::unique_ptr<Head> BuildFrom(const Json& json, const fs::path& weights, const std::string& file) {
  if (RequireString(json, "format", file) != kFormat) {
    throw DataError(file,
                    Cat("format is ", Quoted(json["format"].get<std::string>()), ", needed: ", kFormat));
  }
  const int64_t version = RequireInteger(json, "version", 1, INT64_MAX, file);
  if (version > kVersion) {
    throw Error(ErrorKind::kUnsupported,
                Cat(file, ": format version ", version, "; this program reads up to ", kVersion));
  }
  BackboneDims dims;
  dims.layers = RequireInteger(json, "layers", 1, kMaxLayers, file);
  dims.hidden = RequireInteger(json, "hidden", 1, kMaxHidden, file);
  // Files of heads from before these three had them do not say them.
  if (json.contains("outputs")) dims.outputs = RequireInteger(json, "outputs", 1, kMaxOutputs, file);
  if (json.contains("tokens")) dims.tokens = RequireInteger(json, "tokens", 0, kMaxTokens, file);
  if (json.contains("state_numbers")) dims.numbers = ParseNumbers(json, dims.layers, file);
  if (json.contains("width")) dims.width = RequireInteger(json, "width", 0, kMaxHidden, file);
  const std::string& name = RequireString(json, "name", file);
  try {
    RequireRoomFor(name, dims, weights, file);
    return BuildHead(name, dims, 0);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kUsage) throw;
    throw Error(ErrorKind::kUnsupported, Cat(file, ": ", error.what()));
  }
}

}  // namespace

void SaveHead(const fs::path& folder, const Head& head, uint64_t backbone,
              const std::vector<std::string>& labels) {
  const fs::path weights = folder / kWeightsFile;
  const std::vector<NamedTensor> tensors = head.tensors();
  for (const NamedTensor& entry : tensors) RequireFinite(entry.tensor, entry.name, weights.string());
  WriteTensorFile(weights, tensors, {{"format", kFormat}, {"head", head.name()}});
  OrderedJson json = {{"format", kFormat},
                      {"version", kVersion},
                      {"name", head.name()},
                      {"kind", HeadKindName(head.kind())},
                      {"layers", head.dims().layers},
                      {"hidden", head.dims().hidden},
                      {"outputs", head.dims().outputs},
                      {"tokens", head.dims().tokens},
                      {"width", head.dims().width},
                      {"parameters", head.ParameterCount()},
                      {"trainable", head.TrainableCount()},
                      {"backbone", Hex(backbone)}};
  if (!head.dims().numbers.empty()) json["state_numbers"] = head.dims().numbers;
  json["labels"] = head.kind() == HeadKind::kSpan ? std::vector<std::string>{"start", "end"} : labels;
  json["weights"] = {{"file", kWeightsFile},
                     {"bytes", static_cast<int64_t>(fs::file_size(weights))},
                     {"xxh3", Hex(HashFile(weights))}};
  json["check"] = CheckSection(head);
  WriteJsonFile(folder / kHeadFile, json);
}

void LoadTensors(const Head& head, const TensorFile& file) {
  at::NoGradGuard no_grad;
  const std::string path = file.path().string();
  const std::vector<NamedTensor> tensors = head.tensors();
  for (const NamedTensor& entry : tensors) {
    const at::Tensor value = file.Get(entry.name);
    if (value.sizes() != entry.tensor.sizes() || value.scalar_type() != at::kFloat) {
      throw DataError(path, Cat("tensor ", Quoted(entry.name), " is ", value.toString(), " ", value.sizes(),
                                ", needed for the head ", head.name(), ": f32 ", entry.tensor.sizes()));
    }
    RequireFinite(value, entry.name, path);
    at::Tensor(entry.tensor).copy_(value);
  }
  if (file.names().size() != tensors.size()) {
    throw DataError(path,
                    Cat(file.names().size(), " tensors, the head ", head.name(), " has ", tensors.size()));
  }
}

SavedHead LoadHead(const fs::path& folder) {
  const std::string file = (folder / kHeadFile).string();
  const Json json = ReadJsonFile(file);
  if (!json.is_object()) throw DataError(file, "not a JSON object");
  SavedHead saved;
  const fs::path weights = folder / kWeightsFile;
  saved.head = BuildFrom(json, weights, file);
  saved.backbone = RequireHex(json, "backbone", file);
  CheckWeightsFile(json, weights, file);
  LoadTensors(*saved.head, TensorFile(weights));
  RunCheck(*saved.head, json, file);
  return saved;
}

}  // namespace bv
