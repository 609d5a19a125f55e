// The tensors of a model folder, whether model.safetensors holds them all or model.safetensors.index.json
// tells the shards that do. It knows names and files, not what a BERT needs. Immutable once open; safe from
// any thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tensorfile/tensor_file.h"

namespace bv {

class WeightFiles {
 public:
  // Maps folder/model.safetensors, or else every shard of the index. Errors: those of TensorFile and
  // ReadShardIndex; kData where index and shards do not belong together (a shard is missing, lacks a tensor
  // that the index gives it, or holds one that the index does not); kUnsupported where only pytorch_model.bin
  // is there.
  explicit WeightFiles(const std::filesystem::path& folder);

  // For messages: model.safetensors or the index.
  const std::filesystem::path& path() const { return path_; }
  const std::vector<std::string>& names() const { return names_; }
  // As TensorFile::Get, for one of names().
  at::Tensor Get(const std::string& name) const { return files_[file_of_.at(name)].Get(name); }
  // The file that holds the tensor, for messages about it.
  const std::filesystem::path& FileOf(const std::string& name) const {
    return files_[file_of_.at(name)].path();
  }

 private:
  void OpenShards(const std::filesystem::path& folder);
  void Add(const std::filesystem::path& file);

  std::filesystem::path path_;
  std::vector<TensorFile> files_;
  std::vector<std::string> names_;
  std::map<std::string, size_t> file_of_;
};

}  // namespace bv
