// What the two formats of logits files share: checked access to metadata and tensors of a file that is read,
// and vectors as tensors. For the readers and writers of this layer only. Immutable once opened; safe from
// any thread.
#pragma once

#include <ATen/ops/from_blob.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "features/windows.h"
#include "tensorfile/tensor_file.h"

namespace bv {

inline constexpr const char* kSpanLogitsFormat = "bertvision-logits";
inline constexpr const char* kTextLogitsFormat = "bertvision-text-logits";

// Errors (kData) name the file and what is missing or does not fit.
class LogitsReader {
 public:
  explicit LogitsReader(const fs::path& path) : path_(path.string()), file_(path) {}

  const std::string& path() const { return path_; }
  bool Has(const char* name) const { return file_.Has(name); }
  const std::string& Text(const char* key) const;
  // Of the metadata, 0 to high.
  int64_t Integer(const char* key, int64_t high) const;
  // How the windows were cut, as AddCut wrote it.
  WindowOptions Cut() const;
  // Contiguous; a length below 0 is any.
  at::Tensor Tensor(const char* name, Dtype dtype, const std::vector<int64_t>& shape) const;

  // kUnsupported for another version.
  void RequireFormat(const char* format, const char* version) const;
  // tensors: all that the checksum is over, in its order.
  void RequireChecksum(const std::vector<NamedTensor>& tensors) const;

 private:
  std::string path_;
  TensorFile file_;
};

void AddCut(const WindowOptions& cut, std::map<std::string, std::string>* metadata);

// xxh3 over the bytes of all, 16 hexadecimal digits.
std::string ChecksumOf(const std::vector<NamedTensor>& tensors);

// Looks into the values, which must outlive it.
template <typename T>
at::Tensor View(const std::vector<T>& values, at::ScalarType type, const std::vector<int64_t>& shape) {
  return at::from_blob(const_cast<T*>(values.data()), shape, at::TensorOptions(type));
}

// Of a contiguous tensor.
template <typename T>
std::vector<T> Values(const at::Tensor& tensor) {
  std::vector<T> values(static_cast<size_t>(tensor.nbytes()) / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), tensor.const_data_ptr(), values.size() * sizeof(T));
  return values;
}

}  // namespace bv
