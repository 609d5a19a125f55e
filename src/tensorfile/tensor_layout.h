// Where the data of tensors goes in a safetensors file: the part that the two writers share. Plain functions.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "tensorfile/tensor_file.h"

namespace bv {

struct TensorLayout {
  std::vector<TensorEntry> entries;  // in the given order
  std::vector<size_t> order;         // of the data: the largest elements first, so that all are aligned
};

// Places from byte `begin` (a multiple of 8) of the data section on.
TensorLayout LayOutTensors(const std::vector<NamedTensor>& tensors, int64_t begin);
void WriteTensorData(const std::vector<NamedTensor>& tensors, const std::vector<size_t>& order,
                     AtomicFile* file);
// Errors: kInternal where two entries have one name.
void RequireUniqueNames(const std::vector<TensorEntry>& entries, const std::string& file);

}  // namespace bv
