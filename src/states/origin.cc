#include "states/origin.h"

#include <numeric>

#include "base/error.h"
#include "base/hash.h"
#include "base/strings.h"
#include "features/window_json.h"

namespace bv {
namespace {

std::string LayersText(const std::vector<int32_t>& layers) {
  std::vector<std::string> parts;
  parts.reserve(layers.size());
  for (const int32_t layer : layers) parts.push_back(std::to_string(layer));
  return Join(parts, ",");
}

void RequireEqual(const char* what, const std::string& made, const std::string& used, const StatesOrigin& a,
                  const StatesOrigin& b, const char* advice) {
  if (made == used) return;
  throw Error(ErrorKind::kData,
              Cat("the ", what, " is ", made, " in ", a.where, ", but ", used, " in ", b.where, advice));
}

const char* StatesKind(const StatesOrigin& origin) {
  return origin.cls_only ? "[CLS] rows" : "all pieces";
}

bool ReadsPooler(const StatesOrigin& origin) {
  return !origin.layers.empty() && origin.layers.front() == kPooledState;
}

constexpr const char* kPermit = "; --allow-other-backbone permits it on purpose";

}  // namespace

StatesOrigin OriginOf(const StoreInfo& info, const fs::path& folder) {
  return {.where = folder.string(),
          .backbone = LastingModelName(info.backbone),
          .backbone_fingerprint = info.backbone_fingerprint,
          .tokenizer_fingerprint = info.tokenizer_fingerprint,
          .pooler_fingerprint = info.pooler_fingerprint,
          .precision = info.precision,
          .layers = info.layers,
          .cls_only = info.cls_only,
          .hidden = info.hidden,
          .windows = info.cut};
}

StatesOrigin OriginOf(const Backbone& backbone, const WindowOptions& windows) {
  StatesOrigin origin = {
      .where = "the model " + backbone.name,
      .backbone = backbone.name,
      .backbone_fingerprint = Hex(backbone.fingerprint),
      .tokenizer_fingerprint = Hex(backbone.tokenizer.fingerprint()),
      .pooler_fingerprint = backbone.pooler.defined() ? Hex(backbone.pooler.fingerprint()) : "",
      .precision = PrecisionName(backbone.precision),
      .layers = {},
      .cls_only = false,
      .hidden = backbone.encoder.config().hidden_size,
      .windows = windows};
  origin.layers.resize(static_cast<size_t>(backbone.encoder.config().state_layers()));
  std::iota(origin.layers.begin(), origin.layers.end(), 0);
  return origin;
}

StatesOrigin OriginOf(const Backbone& backbone, const WindowOptions& windows, const WindowStates& states) {
  StatesOrigin origin = OriginOf(backbone, windows);
  origin.layers = states.layers();
  origin.cls_only = states.cls_only();
  return origin;
}

LogitsWindows LogitsWindowsOf(const StatesOrigin& origin) {
  return {origin.windows, origin.tokenizer_fingerprint};
}

OrderedJson OriginToJson(const StatesOrigin& origin) {
  OrderedJson json = {{"backbone", origin.backbone},
                      {"backbone_fingerprint", origin.backbone_fingerprint},
                      {"tokenizer_fingerprint", origin.tokenizer_fingerprint},
                      {"precision", origin.precision},
                      {"layers", origin.layers},
                      {"hidden", origin.hidden}};
  AddWindowOptions(origin.windows, &json);
  if (origin.cls_only) json["cls_only"] = true;
  if (ReadsPooler(origin) && !origin.pooler_fingerprint.empty())
    json["pooler_fingerprint"] = origin.pooler_fingerprint;
  return json;
}

StatesOrigin OriginFromJson(const Json& inputs, const std::string& file) {
  constexpr const char* kWhere = "inputs";
  StatesOrigin origin;
  origin.where = file;
  origin.backbone = RequireString(inputs, "backbone", file, kWhere);
  origin.backbone_fingerprint = RequireString(inputs, "backbone_fingerprint", file, kWhere);
  origin.tokenizer_fingerprint = RequireString(inputs, "tokenizer_fingerprint", file, kWhere);
  if (inputs.contains("pooler_fingerprint"))
    origin.pooler_fingerprint = RequireString(inputs, "pooler_fingerprint", file, kWhere);
  origin.precision = RequireString(inputs, "precision", file, kWhere);
  if (!FindPrecision(origin.precision)) {
    throw DataError(file,
                    Cat("inputs.precision is ", Quoted(origin.precision), ", allowed: fp32, bf16, int8"));
  }
  if (inputs.contains("cls_only")) origin.cls_only = RequireBool(inputs, "cls_only", file, kWhere);
  const int32_t lowest = origin.cls_only ? kPooledState : 0;
  for (const Json& layer : RequireArray(inputs, "layers", file, kWhere)) {
    if (!layer.is_number_integer() || layer < lowest || layer > 1000)
      throw DataError(file, Cat("inputs.layers holds ", layer.dump(), ", allowed: ", lowest, " to 1000"));
    origin.layers.push_back(layer.get<int32_t>());
  }
  if (origin.layers.empty()) throw DataError(file, "inputs.layers is empty");
  origin.hidden = RequireInteger(inputs, "hidden", 1, 100000, file, kWhere);
  origin.windows = ReadWindowOptions(inputs, file, kWhere);
  return origin;
}

void RequireSameBackbone(const StatesOrigin& made, const StatesOrigin& used, bool allow_other_backbone) {
  RequireEqual("list of layers", LayersText(made.layers), LayersText(used.layers), made, used,
               "; a head reads the layers it was trained on");
  RequireEqual("width of states", std::to_string(made.hidden), std::to_string(used.hidden), made, used,
               "; a head reads states of the width it was trained on");
  RequireEqual("kind of states", StatesKind(made), StatesKind(used), made, used,
               "; extract them with or without --cls-only, as the head needs");
  if (allow_other_backbone) return;
  RequireEqual("backbone's fingerprint", made.backbone_fingerprint, used.backbone_fingerprint, made, used,
               kPermit);
  // Early versions did not note it: then there is nothing to compare.
  const bool pooler_known = !made.pooler_fingerprint.empty() && !used.pooler_fingerprint.empty();
  if (ReadsPooler(made) && pooler_known) {
    RequireEqual("pooler's fingerprint", made.pooler_fingerprint, used.pooler_fingerprint, made, used,
                 kPermit);
  }
  RequireEqual("tokenizer's fingerprint", made.tokenizer_fingerprint, used.tokenizer_fingerprint, made, used,
               kPermit);
}

void RequireSameCut(const StatesOrigin& made, const StatesOrigin& used) {
  const auto padding = [](const StatesOrigin& origin) {
    return origin.windows.pad_to == 0 ? "none" : std::to_string(origin.windows.pad_to);
  };
  RequireEqual("rule of windows", WindowRuleName(made.windows.rule), WindowRuleName(used.windows.rule), made,
               used, "; cut both with the same --windows");
  RequireEqual("padding of windows", padding(made), padding(used), made, used,
               "; give both the same --pad-to, or none");
}

void RequireSamePrecision(const StatesOrigin& made, const StatesOrigin& used, bool allow_other_backbone) {
  if (!allow_other_backbone) RequireEqual("precision", made.precision, used.precision, made, used, kPermit);
}

}  // namespace bv
