// The header of a safetensors file: what is where. Reading treats the file as hostile: whatever is returned
// lies inside the file, without overlaps or holes, and has sizes that fit its shapes. Nothing here reads or
// writes tensor data, and nothing here knows torch. Plain functions, safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace bv {

enum class Dtype { kF64, kF32, kF16, kBf16, kI64, kI32, kI16, kI8, kU8, kBool };

// The name in the file: "F64", "BF16", …
const char* DtypeName(Dtype dtype);
int64_t DtypeBytes(Dtype dtype);

struct TensorEntry {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<int64_t> shape;
  int64_t begin = 0;  // bytes from the start of the data section, half-open
  int64_t end = 0;
};

struct TensorHeader {
  std::vector<TensorEntry> tensors;  // in the order of their data
  std::map<std::string, std::string> metadata;
  int64_t data_begin = 0;  // bytes from the start of the file
};

// Reads and checks the header at the start of a whole file. `file` names it in errors (kData; kUnsupported
// for a dtype that this program does not know), which also name the tensor and the likely cause.
TensorHeader ParseTensorHeader(std::span<const std::byte> bytes, const std::string& file);

// Elements times size, or -1 where that does not fit 63 bits.
int64_t TensorBytes(Dtype dtype, const std::vector<int64_t>& shape);

// The header as it stands in the file: 8 bytes of length, JSON in the given order, spaces up to a multiple of
// 8 and to at least `at_least` bytes in all.
std::string FormatTensorHeader(const std::vector<TensorEntry>& tensors,
                               const std::map<std::string, std::string>& metadata, size_t at_least = 0);

}  // namespace bv
