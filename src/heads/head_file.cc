#include "heads/head_file.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
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
constexpr int64_t kMaxLayers = 1000, kMaxHidden = 100000;
constexpr int64_t kMaxRow = int64_t{1} << 22;  // layers times hidden; BERT-large has 25,600

// What loading runs again: two windows of standard normal states.
constexpr int64_t kCheckTokens = 8;
constexpr int64_t kCheckFirstWindow = 5;
// Largest distance of an output, relative to the largest expected one (at least 1): other processors add up
// in another order; bf16 has 8 bits.
constexpr double kToleranceF32 = 1e-4;
constexpr double kToleranceBf16 = 3e-2;

at::Tensor CheckOutputs(const Head& head, uint64_t seed, at::ScalarType type) {
  at::NoGradGuard no_grad;
  Rng rng(seed);
  at::Tensor states = at::empty({kCheckTokens, head.dims().layers, head.dims().hidden}, at::kFloat);
  float* values = states.mutable_data_ptr<float>();
  for (int64_t i = 0; i < states.numel(); ++i) values[i] = static_cast<float>(rng.Normal());
  const at::Tensor offsets = at::tensor({int64_t{0}, kCheckFirstWindow, kCheckTokens}, at::kLong);
  const at::Device device = head.parameters().front().tensor.device();
  return head.Forward(states.to(type).to(device), offsets).cpu().contiguous();
}

OrderedJson CheckSection(const Head& head) {
  const uint64_t seed = HashText(head.name()) >> 1;
  const at::Tensor outputs = CheckOutputs(head, seed, at::kFloat);
  const float* values = outputs.const_data_ptr<float>();
  return {{"seed", seed},
          {"inputs", Cat(kCheckTokens, " tokens of standard normal states, SplitMix64 and Box-Muller")},
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
  const BackboneDims dims{RequireInteger(json, "layers", 1, kMaxLayers, file),
                          RequireInteger(json, "hidden", 1, kMaxHidden, file)};
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

void SaveHead(const fs::path& folder, const Head& head, uint64_t backbone) {
  const fs::path weights = folder / kWeightsFile;
  for (const NamedTensor& parameter : head.parameters()) {
    RequireFinite(parameter.tensor, parameter.name, weights.string());
  }
  WriteTensorFile(weights, head.parameters(), {{"format", kFormat}, {"head", head.name()}});
  OrderedJson json = {{"format", kFormat},
                      {"version", kVersion},
                      {"name", head.name()},
                      {"kind", HeadKindName(FindHead(head.name(), head.dims()).kind)},
                      {"labels", {"start", "end"}},
                      {"layers", head.dims().layers},
                      {"hidden", head.dims().hidden},
                      {"parameters", head.ParameterCount()},
                      {"backbone", Hex(backbone)}};
  json["weights"] = {{"file", kWeightsFile},
                     {"bytes", static_cast<int64_t>(fs::file_size(weights))},
                     {"xxh3", Hex(HashFile(weights))}};
  json["check"] = CheckSection(head);
  WriteJsonFile(folder / kHeadFile, json);
}

void LoadParameters(const Head& head, const TensorFile& file) {
  at::NoGradGuard no_grad;
  const std::string path = file.path().string();
  for (const NamedTensor& parameter : head.parameters()) {
    const at::Tensor value = file.Get(parameter.name);
    if (value.sizes() != parameter.tensor.sizes() || value.scalar_type() != at::kFloat) {
      throw DataError(path,
                      Cat("tensor ", Quoted(parameter.name), " is ", value.toString(), " ", value.sizes(),
                          ", needed for the head ", head.name(), ": f32 ", parameter.tensor.sizes()));
    }
    RequireFinite(value, parameter.name, path);
    at::Tensor(parameter.tensor).copy_(value);
  }
  if (file.names().size() != head.parameters().size()) {
    throw DataError(path, Cat(file.names().size(), " tensors, the head ", head.name(), " has ",
                              head.parameters().size()));
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
  LoadParameters(*saved.head, TensorFile(weights));
  RunCheck(*saved.head, json, file);
  return saved;
}

}  // namespace bv
