#include "base/shard_index.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr size_t kMostShards = 10000;
constexpr int kMapDepth = 2;  // of the keys in {"weight_map": {…}}

// A parsed object keeps only one of two equal keys, so they are looked at as they are parsed.
void RefuseTwice(const std::string& text, const std::string& file) {
  std::set<std::string> seen;
  const auto see = [&](int depth, Json::parse_event_t event, const Json& key) {
    if (event == Json::parse_event_t::key && depth == 1) seen.clear();
    if (event == Json::parse_event_t::key && depth == kMapDepth &&
        !seen.insert(key.get<std::string>()).second) {
      throw DataError(file, Cat("tensor ", Quoted(key.get<std::string>()), " stands twice in the index"));
    }
    return true;
  };
  [[maybe_unused]] const Json parsed = Json::parse(text, see);
}

void CheckShardName(const std::string& shard, const std::string& file) {
  const bool plain = std::all_of(shard.begin(), shard.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '/' && c != '\\' && c != ':';
  });
  if (!plain || shard.starts_with('.') || !shard.ends_with(".safetensors") || shard.size() > 200) {
    throw DataError(file,
                    Cat("shard ", Quoted(shard),
                        " is not the plain name of a .safetensors file in the same folder; the index is "
                        "damaged or not to be trusted"));
  }
}

}  // namespace

ShardIndex ReadShardIndex(const std::filesystem::path& path) {
  const std::string file = path.string(), text = ReadFile(path);
  const Json json = ParseJson(text, file);
  const Json& map = RequireObject(json, "weight_map", file);
  RefuseTwice(text, file);
  if (map.empty()) throw DataError(file, "'weight_map' has no entries");
  ShardIndex index;
  std::set<std::string> shards;
  for (const auto& [tensor, value] : map.items()) {
    const std::string& shard = RequireString(map, tensor.c_str(), file, "weight_map");
    CheckShardName(shard, file);
    shards.insert(shard);
    index.shard_of.emplace(tensor, shard);
  }
  if (shards.size() > kMostShards)
    throw DataError(file, Cat(shards.size(), " shards, at most ", kMostShards, " are allowed"));
  index.shards.assign(shards.begin(), shards.end());
  return index;
}

}  // namespace bv
