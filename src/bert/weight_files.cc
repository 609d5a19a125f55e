#include "bert/weight_files.h"

#include "base/error.h"
#include "base/file.h"
#include "base/shard_index.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr const char* kWeightsFile = "model.safetensors";

}  // namespace

WeightFiles::WeightFiles(const fs::path& folder) : path_(folder / kWeightsFile) {
  const bool whole = fs::exists(path_);
  if (!whole && fs::exists(folder / kShardIndexFile)) {
    path_ = folder / kShardIndexFile;
    OpenShards(folder);
    return;
  }
  if (!whole && fs::exists(folder / "pytorch_model.bin")) {
    throw Error(ErrorKind::kUnsupported, Cat(folder.string(),
                                             ": holds pytorch_model.bin but no model.safetensors; load it in "
                                             "transformers and save it again with save_pretrained"));
  }
  Add(path_);  // which says so where it is missing
}

void WeightFiles::Add(const fs::path& file) {
  const TensorFile& added = files_.emplace_back(file);
  for (const std::string& name : added.names()) {
    names_.push_back(name);
    file_of_.emplace(name, files_.size() - 1);
  }
}

void WeightFiles::OpenShards(const fs::path& folder) {
  const ShardIndex index = ReadShardIndex(path_);
  for (const std::string& shard : index.shards) {
    if (!fs::exists(folder / shard)) {
      throw DataError(path_.string(), Cat("shard ", Quoted(shard, 200),
                                          " is not beside it; the download or copy is incomplete"));
    }
    Add(folder / shard);
    for (const std::string& name : files_.back().names()) {
      const auto listed = index.shard_of.find(name);
      if (listed == index.shard_of.end() || listed->second != shard) {
        throw DataError(
            (folder / shard).string(),
            Cat("holds tensor ", Quoted(name, 200), ", which the index ",
                listed == index.shard_of.end() ? "does not list" : "gives to " + Quoted(listed->second, 200),
                "; shards of two models are mixed"));
      }
    }
  }
  for (const auto& [name, shard] : index.shard_of) {
    if (!file_of_.contains(name)) {
      throw DataError((folder / shard).string(),
                      Cat("lacks tensor ", Quoted(name, 200),
                          ", which the index gives it; shards of two models are mixed"));
    }
  }
}

}  // namespace bv
