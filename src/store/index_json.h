// index.json in parts: what a store is (its head) and its shards, as JSON and back. The whole file is
// store_index.h's; the journal of a store that is being written has these parts one by one. Free functions,
// safe from any thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "base/json.h"
#include "store/store_index.h"

namespace bv {

// Counts of a store are no larger; no sum of two such numbers overflows.
inline constexpr int64_t kMostInStore = int64_t{1} << 56;

// All of the index but its shards. Errors (kData): what is missing, of another type or out of range.
OrderedJson HeadToJson(const StoreIndex& index);
StoreIndex HeadFromJson(const Json& json, const std::string& file);

// number: of the shard, which decides its file's name. Errors (kData): as HeadFromJson, and another name.
OrderedJson ShardToJson(const ShardEntry& shard);
ShardEntry ShardFromJson(const Json& json, int64_t number, const std::string& file);

// Throws kUsage naming the first thing that `found` (on disk) and `wanted` disagree on, with both values.
void RequireSameHead(const StoreIndex& found, const StoreIndex& wanted, const fs::path& folder);

// A hash of what RequireSameHead compares: each shard carries it, so that shards of two stores cannot be
// mixed.
std::string HeadHash(const StoreIndex& index);

}  // namespace bv
