#include "store/store_index.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "base/strings.h"
#include "store/index_json.h"

namespace bv {
namespace {

constexpr const char* kFormat = "bertvision-store";
constexpr int64_t kVersionOfFormat = 1;
constexpr const char* kNoChecksum = "0000000000000000";

constexpr std::array<std::pair<Codec, const char*>, 4> kCodecs = {
    {{Codec::kF32, "f32"}, {Codec::kF16, "f16"}, {Codec::kBf16, "bf16"}, {Codec::kInt8, "int8"}}};

// Heads are built for the index's dimensions, so they must be those of shards that are there.
void CheckDimensions(const StoreIndex& index, const std::string& file) {
  const StoreInfo& info = index.info;
  const auto layers = static_cast<int64_t>(info.layers.size());
  const int64_t row = TokenBytes(info);
  for (size_t i = 0; i < index.shards.size(); ++i) {
    const ShardEntry& shard = index.shards[i];
    if (shard.bytes / row >= shard.tokens) continue;
    throw DataError(file, Cat("shards[", i, "] has ", shard.bytes, " bytes, ", shard.tokens, " tokens of ",
                              layers, " states of width ", info.hidden, " need more"));
  }
}

// Totals are checked here, so that everything computed from them later stays inside the files.
void CheckTotals(const StoreIndex& index, const std::string& file) {
  int64_t windows = 0;
  int64_t tokens = 0;
  int64_t bytes = index.examples.bytes;
  for (const ShardEntry& shard : index.shards) {
    windows += shard.windows;
    tokens += shard.tokens;
    bytes += shard.bytes;
    if (windows > kMostInStore || tokens > kMostInStore || bytes > kMostInStore)
      throw DataError(file, "the shards' totals are out of range");
  }
  if (windows != index.info.windows || tokens != index.info.tokens) {
    throw DataError(file, Cat("the shards hold ", windows, " windows and ", tokens,
                              " tokens, the index says ", index.info.windows, " and ", index.info.tokens));
  }
}

// File names need not be UTF-8, which JSON must be.
std::string Line(const OrderedJson& value) {
  return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

// One line a shard, so that the file stays readable with thousands of them.
std::string IndexText(const StoreIndex& index, const std::string& checksum) {
  std::string text = Cat("{\n  \"format\": \"", kFormat, "\",\n  \"version\": ", kVersionOfFormat,
                         ",\n  \"checksum\": \"", checksum, "\"");
  const OrderedJson head = HeadToJson(index);
  for (const auto& [key, value] : head.items()) text += Cat(",\n  \"", key, "\": ", Line(value));
  text += ",\n  \"shards\": [";
  for (size_t i = 0; i < index.shards.size(); ++i) {
    text += Cat(i == 0 ? "\n    " : ",\n    ", Line(ShardToJson(index.shards[i])));
  }
  return text + "\n  ]\n}\n";
}

[[noreturn]] void ThrowNoIndex(const fs::path& folder) {
  const std::string name = folder.string();
  if (!fs::exists(folder)) throw Error(ErrorKind::kIo, Cat("there is no folder '", name, "'"));
  if (!fs::is_directory(folder))
    throw DataError(name, "it is a file; a store is a folder with an index.json");
  if (fs::exists(folder / kJournalFile)) {
    throw DataError(
        name, "the store is unfinished; run the same extract command again, it goes on where it stopped");
  }
  throw DataError(name, Cat("it is no store: it has no ", kIndexFile));
}

void CheckFormat(const Json& json, const std::string& file) {
  if (RequireString(json, "format", file) != kFormat) {
    throw DataError(file, Cat("'format' is ", Quoted(json["format"].get<std::string>()), ", not ", kFormat));
  }
  const int64_t version = RequireInteger(json, "version", 1, INT32_MAX, file);
  if (version != kVersionOfFormat) {
    throw Error(ErrorKind::kUnsupported,
                Cat(file, ": the store has format version ", version, ", this program reads version ",
                    kVersionOfFormat, "; use a newer bertvision, or extract the states again"));
  }
}

// The checksum is taken over the file's bytes with its own digits as zeros.
void CheckChecksum(std::string text, const Json& json, const std::string& file) {
  const std::string& found = RequireString(json, "checksum", file);
  const size_t place = text.find(Cat("\"checksum\": \"", found, "\""));
  if (found.size() == 16 && place != std::string::npos) {
    text.replace(place + std::string_view("\"checksum\": \"").size(), 16, kNoChecksum);
    if (Hex(HashText(text)) == found) return;
  }
  throw DataError(file, "the content does not fit its checksum; the file was changed or damaged");
}

}  // namespace

std::optional<Codec> FindCodec(const std::string& name) {
  for (const auto& [codec, known] : kCodecs) {
    if (name == known) return codec;
  }
  return std::nullopt;
}

const char* CodecName(Codec codec) {
  return kCodecs[static_cast<size_t>(codec)].second;
}

Codec ParseCodec(const std::string& name) {
  if (const auto codec = FindCodec(name)) return *codec;
  throw Error(ErrorKind::kUsage,
              Cat("codec ", Quoted(name), " is unknown; allowed are ", Join(CodecNames(), ", ")));
}

std::vector<std::string> CodecNames() {
  std::vector<std::string> names;
  names.reserve(kCodecs.size());
  for (const auto& codec : kCodecs) names.emplace_back(codec.second);
  return names;
}

int64_t CodecBytes(Codec codec) {
  if (codec == Codec::kInt8) return 1;
  return codec == Codec::kF32 ? 4 : 2;
}

int64_t StoreIndex::bytes() const {
  int64_t sum = examples.bytes;
  for (const ShardEntry& shard : shards) sum += shard.bytes;
  return sum;
}

std::string ShardFile(int64_t number) {
  std::array<char, 48> name{};
  std::snprintf(name.data(), name.size(), "shard-%05lld.safetensors", static_cast<long long>(number));
  return name.data();
}

bool IsShardFile(const std::string& name) {
  constexpr std::string_view kPrefix = "shard-";
  if (!name.starts_with(kPrefix)) return false;
  int64_t number = -1;
  const auto parsed = std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), number);
  return parsed.ec == std::errc() && number >= 0 && ShardFile(number) == name;
}

int64_t TokenBytes(const StoreInfo& info) {
  const int64_t scale = info.codec == Codec::kInt8 ? 4 : 0;
  return static_cast<int64_t>(info.layers.size()) * (info.hidden * CodecBytes(info.codec) + scale);
}

int64_t ForecastBytes(const StoreInfo& info) {
  const int64_t token = TokenBytes(info);
  const int64_t shards = info.tokens * token / info.shard_bytes + 1;
  const int64_t scales =
      info.codec == Codec::kInt8 ? static_cast<int64_t>(info.layers.size()) * info.hidden * 4 : 0;
  return info.tokens * (token + 13) + info.windows * 32 + shards * (8192 + scales);
}

StoreIndex ReadStoreIndex(const fs::path& folder) {
  const fs::path path = folder / kIndexFile;
  if (!fs::exists(path)) ThrowNoIndex(folder);
  const std::string text = ReadFile(path);
  const std::string file = path.string();
  const Json json = ParseJson(text, file);
  CheckFormat(json, file);
  CheckChecksum(text, json, file);
  StoreIndex index = HeadFromJson(json, file);
  for (const Json& shard : RequireArray(json, "shards", file)) {
    index.shards.push_back(ShardFromJson(shard, static_cast<int64_t>(index.shards.size()), file));
  }
  CheckTotals(index, file);
  CheckDimensions(index, file);
  return index;
}

void WriteStoreIndex(const fs::path& folder, const StoreIndex& index) {
  const std::string checksum = Hex(HashText(IndexText(index, kNoChecksum)));
  WriteFileAtomically(folder / kIndexFile, IndexText(index, checksum));
}

void CheckStoreSizes(const fs::path& folder, const StoreIndex& index) {
  const auto check = [&](const std::string& name, int64_t bytes) {
    std::error_code code;
    const auto found = fs::file_size(folder / name, code);
    if (code)
      throw DataError((folder / name).string(),
                      "this file of the store is missing; extract or copy it again");
    if (found != static_cast<uint64_t>(bytes)) {
      throw DataError((folder / name).string(), Cat("it has ", found, " bytes, the index says ", bytes,
                                                    "; it was probably cut off while being copied"));
    }
  };
  check(kExamplesFile, index.examples.bytes);
  for (const ShardEntry& shard : index.shards) check(shard.file, shard.bytes);
}

}  // namespace bv
