// Tensors with names in one file (safetensors). Reading maps the file and hands out views of the map, so
// opening a file of gigabytes is cheap and nothing is copied. An open TensorFile is immutable and safe from
// any thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mapped_file.h"
#include "tensorfile/tensor_header.h"

namespace bv {

struct NamedTensor {
  std::string name;
  at::Tensor tensor;
};

// A torch type as it stands in a file, and back. Errors: kUnsupported for types without a name there.
Dtype DtypeOf(at::ScalarType type);
at::ScalarType ScalarTypeOf(Dtype dtype);

class TensorFile {
 public:
  // Maps the file and checks its header (see ParseTensorHeader); tensor data is not touched.
  explicit TensorFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  // In the order of their data.
  const std::vector<std::string>& names() const { return names_; }
  bool Has(const std::string& name) const { return index_.contains(name); }
  const std::map<std::string, std::string>& metadata() const { return header_.metadata; }
  // Shape and dtype without touching the data. Errors: kData, with the names nearest to it.
  const TensorEntry& Entry(const std::string& name) const;
  // A CPU tensor that looks into the map and keeps it alive. Never write to it: the pages are read-only, and
  // writing ends the process. Data that is misaligned for its dtype is copied. Errors: as Entry; BOOL bytes
  // other than 0 and 1.
  at::Tensor Get(const std::string& name) const;

  const MappedFile& map() const { return *map_; }

 private:
  std::filesystem::path path_;
  std::shared_ptr<const MappedFile> map_;
  TensorHeader header_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, size_t> index_;
};

// Writes the file atomically. The header lists the names as given; data is laid out by falling element size,
// so that every tensor is aligned. Tensors may be on any device and of any strides. Errors: kInternal for a
// name given twice, kIo.
void WriteTensorFile(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                     const std::map<std::string, std::string>& metadata = {});

// No NaN and no infinity, in one pass of the calling thread over the bits. Tensors that are not
// floating-point are finite.
bool AllFinite(const at::Tensor& tensor);

// Throws kData, naming the file, the tensor and the place, where a floating-point tensor holds NaN or an
// infinity.
void RequireFinite(const at::Tensor& tensor, const std::string& name, const std::string& file);

}  // namespace bv
