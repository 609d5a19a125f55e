// What a store is, as its index.json says: where the states came from, how they are kept, which shards there
// are. No tensors and no torch here. Plain values and functions, safe from any thread. The format to the
// byte: docs/file-formats.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "data/task.h"
#include "features/windows.h"

namespace bv {

// Stands among the layers of [CLS] rows for the pooler's output, tanh(W [CLS of the last layer] + b), which
// comes first (spec section A).
constexpr int32_t kPooledState = -1;

enum class Codec { kF32, kF16, kBf16, kInt8 };

// "f32", "f16", "bf16", "int8" (int8_states.h), and back; nothing for other names. ParseCodec's error is
// kUsage, with the allowed names.
const char* CodecName(Codec codec);
std::optional<Codec> FindCodec(const std::string& name);
Codec ParseCodec(const std::string& name);
std::vector<std::string> CodecNames();
// Of one number; the scales of int8 are not counted.
int64_t CodecBytes(Codec codec);

// Everything that decides the states. What has no influence on them (where the data lay) is marked, and only
// that may change when an interrupted extraction goes on.
struct StoreInfo {
  std::string backbone;               // folder or name as given; may change
  std::string backbone_fingerprint;   // 16 hexadecimal digits
  std::string tokenizer_fingerprint;  // the same
  // The same; empty without a pooled state among the layers, and in stores of early versions.
  std::string pooler_fingerprint;
  std::string precision;  // the computation's: "fp32", "bf16"
  std::string data;       // file as given; may change
  std::string data_hash;  // 16 hexadecimal digits
  Task task;
  WindowOptions cut;  // how its windows were
  // States that are kept, 0 = embeddings, rising; kPooledState may stand first where cls_only.
  std::vector<int32_t> layers;
  // One row a window, its [CLS] piece's: a window counts as one token then.
  bool cls_only = false;
  int64_t hidden = 0;
  Codec codec = Codec::kBf16;
  int64_t shard_bytes = int64_t{256} << 20;  // a shard is closed before its states exceed this
  int64_t windows = 0;                       // in all, known before the first state is computed
  int64_t tokens = 0;
};

struct ShardEntry {
  std::string file;
  int64_t windows = 0;
  int64_t tokens = 0;
  int64_t bytes = 0;  // of the file
  uint64_t xxh3 = 0;  // of the file

  friend bool operator==(const ShardEntry&, const ShardEntry&) = default;
};

// The file examples.jsonl.
struct ExamplesEntry {
  int64_t examples = 0;
  int64_t bytes = 0;
  uint64_t xxh3 = 0;
};

struct StoreIndex {
  std::string program;  // "bertvision 0.1.0": what began the store
  StoreInfo info;
  ExamplesEntry examples;
  std::vector<ShardEntry> shards;

  int64_t bytes() const;  // of all files but index.json
};

inline constexpr const char* kIndexFile = "index.json";
inline constexpr const char* kJournalFile = "journal.jsonl";
inline constexpr const char* kExamplesFile = "examples.jsonl";
// "shard-00007.safetensors".
std::string ShardFile(int64_t number);
// Whether it is the name of some shard.
bool IsShardFile(const std::string& name);

// Of one token's states, with scales of its own where the codec has them.
int64_t TokenBytes(const StoreInfo& info);

// States take TokenBytes a token; ids, types and ranges 13 bytes; bookkeeping 32 bytes a window; each shard
// at most two pages of header, and its channels' scales. Examples are not counted.
int64_t ForecastBytes(const StoreInfo& info);

// Reads folder/index.json and checks its checksum, its totals and its file names; no other file is touched.
// Errors: kUnsupported for another format version; kData for a folder that is no store, an unfinished one or
// a damaged index.
StoreIndex ReadStoreIndex(const fs::path& folder);
// The file appears whole or not at all.
void WriteStoreIndex(const fs::path& folder, const StoreIndex& index);

// Throws kData where a file of the store is missing or has another size than the index says. Costs one stat a
// file, whatever the sizes.
void CheckStoreSizes(const fs::path& folder, const StoreIndex& index);

}  // namespace bv
