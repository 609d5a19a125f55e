// A safetensors file whose first tensor grows row by row while the file is being written, for data that is
// too large to hold and whose length is known only at the end. Space for the header is reserved and filled in
// at the end; the file appears whole or not at all. One owner, not thread-safe.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "tensorfile/tensor_file.h"

namespace bv {

class GrowingTensorFile {
 public:
  // The growing tensor will have the shape [rows, row_shape...].
  GrowingTensorFile(const fs::path& path, std::string name, at::ScalarType dtype,
                    std::vector<int64_t> row_shape, std::map<std::string, std::string> metadata);

  // rows [n, row_shape...] of the file's dtype, any strides. Errors: kInternal for another shape or dtype.
  void Append(const at::Tensor& rows);
  int64_t rows() const { return rows_; }

  // Appends the other tensors (largest elements first, as WriteTensorFile), fills in the header and makes the
  // file appear. Where the rows end off a multiple of 8 bytes, a tensor "padding" of U8 zeros follows them,
  // so that the others are aligned; the format allows no holes. Errors: kInternal if the header does not fit.
  void Finish(const std::vector<NamedTensor>& others);

 private:
  fs::path path_;
  AtomicFile file_;
  at::ScalarType dtype_;
  std::vector<int64_t> row_shape_;
  std::vector<TensorEntry> entries_;  // the growing tensor first
  std::map<std::string, std::string> metadata_;
  int64_t rows_ = 0;
};

}  // namespace bv
