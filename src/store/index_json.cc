#include "store/index_json.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/strings.h"
#include "features/window_json.h"

namespace bv {
namespace {

// Keys of the head that may differ between the two halves of an interrupted extraction.
bool MayChange(const std::string& key) {
  return key == "program" || key == "backbone" || key == "data";
}

std::vector<int32_t> ParseLayers(const Json& json, bool cls_only, const std::string& file) {
  std::vector<int32_t> layers;
  const int64_t lowest = cls_only ? kPooledState : 0;
  for (const Json& layer : RequireArray(json, "layers", file)) {
    const bool fits = layer.is_number_integer() && !(layer.is_number_unsigned() && layer > 9'999U) &&
                      layer.get<int64_t>() >= lowest && layer.get<int64_t>() < 10'000;
    if (!fits || (!layers.empty() && layers.back() >= layer.get<int32_t>())) {
      throw DataError(file, Cat("'layers' is ", Quoted(json["layers"].dump()), ", rising numbers from ",
                                lowest, " are needed"));
    }
    layers.push_back(layer.get<int32_t>());
  }
  if (layers.empty()) throw DataError(file, "'layers' is empty");
  return layers;
}

}  // namespace

OrderedJson ShardToJson(const ShardEntry& shard) {
  return {{"file", shard.file},
          {"windows", shard.windows},
          {"tokens", shard.tokens},
          {"bytes", shard.bytes},
          {"xxh3", Hex(shard.xxh3)}};
}

ShardEntry ShardFromJson(const Json& json, int64_t number, const std::string& file) {
  const std::string where = Cat("shards[", number, "]");
  ShardEntry shard;
  shard.file = RequireString(json, "file", file, where);
  // No other name, so that an index cannot point outside its folder.
  if (shard.file != ShardFile(number)) {
    throw DataError(file, Cat(where, " is ", Quoted(shard.file), ", ", ShardFile(number), " is needed"));
  }
  shard.windows = RequireInteger(json, "windows", 1, kMostInStore, file, where);
  shard.tokens = RequireInteger(json, "tokens", shard.windows, kMostInStore, file, where);
  shard.bytes = RequireInteger(json, "bytes", 1, kMostInStore, file, where);
  shard.xxh3 = RequireHex(json, "xxh3", file, where);
  return shard;
}

OrderedJson HeadToJson(const StoreIndex& index) {
  const StoreInfo& info = index.info;
  OrderedJson head = {{"program", index.program},
                      {"backbone", info.backbone},
                      {"backbone_fingerprint", info.backbone_fingerprint},
                      {"tokenizer_fingerprint", info.tokenizer_fingerprint},
                      {"precision", info.precision},
                      {"data", info.data},
                      {"data_xxh3", info.data_hash}};
  AddWindowOptions(info.cut, &head);
  head["layers"] = info.layers;
  head["hidden"] = info.hidden;
  head["codec"] = CodecName(info.codec);
  head["shard_bytes"] = info.shard_bytes;
  head["windows"] = info.windows;
  head["tokens"] = info.tokens;
  head["examples"] = {{"file", kExamplesFile},
                      {"examples", index.examples.examples},
                      {"bytes", index.examples.bytes},
                      {"xxh3", Hex(index.examples.xxh3)}};
  // Only where they say something, so that stores of spans are those of the first version.
  if (!info.task.of_spans()) head["task"] = TaskToJson(info.task);
  if (info.cls_only) head["cls_only"] = true;
  if (!info.pooler_fingerprint.empty()) head["pooler_fingerprint"] = info.pooler_fingerprint;
  return head;
}

StoreIndex HeadFromJson(const Json& json, const std::string& file) {
  StoreIndex index;
  StoreInfo& info = index.info;
  index.program = RequireString(json, "program", file);
  info.backbone = RequireString(json, "backbone", file);
  info.backbone_fingerprint = RequireString(json, "backbone_fingerprint", file);
  info.tokenizer_fingerprint = RequireString(json, "tokenizer_fingerprint", file);
  info.precision = RequireString(json, "precision", file);
  info.data = RequireString(json, "data", file);
  info.data_hash = RequireString(json, "data_xxh3", file);
  info.cut = ReadWindowOptions(json, file);
  if (json.contains("task")) info.task = TaskFromJson(RequireObject(json, "task", file), file);
  if (json.contains("cls_only")) info.cls_only = RequireBool(json, "cls_only", file);
  info.layers = ParseLayers(json, info.cls_only, file);
  if (json.contains("pooler_fingerprint"))
    info.pooler_fingerprint = RequireString(json, "pooler_fingerprint", file);
  info.hidden = RequireInteger(json, "hidden", 1, 1 << 20, file);
  const auto codec = FindCodec(RequireString(json, "codec", file));
  if (!codec) {
    throw DataError(file,
                    Cat("'codec' is ", json["codec"].dump(), "; allowed are ", Join(CodecNames(), ", ")));
  }
  info.codec = *codec;
  info.shard_bytes = RequireInteger(json, "shard_bytes", 1, kMostInStore, file);
  info.windows = RequireInteger(json, "windows", 1, INT32_MAX, file);
  info.tokens = RequireInteger(json, "tokens", info.windows, kMostInStore, file);
  if (info.cls_only && info.tokens != info.windows) {
    throw DataError(file, Cat("cls_only means one token a window, there are ", info.tokens, " tokens and ",
                              info.windows, " windows"));
  }
  const Json& examples = RequireObject(json, "examples", file);
  index.examples.examples = RequireInteger(examples, "examples", 0, INT32_MAX, file, "examples");
  index.examples.bytes = RequireInteger(examples, "bytes", 1, kMostInStore, file, "examples");
  index.examples.xxh3 = RequireHex(examples, "xxh3", file, "examples");
  return index;
}

void RequireSameHead(const StoreIndex& found, const StoreIndex& wanted, const fs::path& folder) {
  const OrderedJson there = HeadToJson(found);
  OrderedJson here = HeadToJson(wanted);
  for (const auto& [key, value] : there.items()) here.emplace(key, OrderedJson());  // keys of one side alone
  for (const auto& [key, value] : here.items()) {
    const OrderedJson other = there.contains(key) ? there.at(key) : OrderedJson();
    if (MayChange(key) || other == value) continue;
    throw Error(ErrorKind::kUsage,
                Cat(folder.string(), ": the store there was begun with ", key, " ", other.dump(),
                    ", now it is ", value.dump(), "; use the same options, or another folder"));
  }
}

std::string HeadHash(const StoreIndex& index) {
  OrderedJson compared;
  const OrderedJson head = HeadToJson(index);
  for (const auto& [key, value] : head.items()) {
    if (!MayChange(key)) compared[key] = value;
  }
  return Hex(HashText(compared.dump()));
}

}  // namespace bv
