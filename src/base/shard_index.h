// model.safetensors.index.json: which file of a sharded model holds which tensor. Read as hostile; the shards
// themselves are not looked at. Plain values, safe from any thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace bv {

inline constexpr const char* kShardIndexFile = "model.safetensors.index.json";

struct ShardIndex {
  std::map<std::string, std::string> shard_of;  // tensor to file name
  std::vector<std::string> shards;              // each once, sorted
};

// Errors: kIo; kData for anything but {"weight_map": {tensor: shard}}, a tensor named twice, a map without
// entries, and shards that are not plain names of safetensors files in the index's own folder.
ShardIndex ReadShardIndex(const std::filesystem::path& path);

}  // namespace bv
