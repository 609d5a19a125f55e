// How products of a backbone are computed. Plain values; safe from any thread.
#pragma once

#include <optional>
#include <string>

namespace bv {

// kBf16 rounds the factors of products to bf16 and keeps sums and parameters in fp32. kInt8, for inference
// alone, has products of whole numbers of 8 bits and all between them in bf16 (kernels/int8_product.h).
enum class Precision { kFp32, kBf16, kInt8 };

// "fp32", "bf16", "int8", and back; nothing for other names.
const char* PrecisionName(Precision precision);
std::optional<Precision> FindPrecision(const std::string& name);

}  // namespace bv
