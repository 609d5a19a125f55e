// Rows of numbers as whole numbers of 8 bits, vectorised as rows.h is. The same bytes on every machine. No
// allocation; safe from any thread.
#pragma once

#include <cstdint>

namespace bv::kernels {

// With y = x * factors, out = y * 127 / max |y| rounded to the nearest whole number, ties to even. Returns
// max |y| / 127, by which out is to be multiplied; 0 where y is all zeros. x must be finite.
float QuantizeRow(const float* x, const float* factors, int64_t n, int8_t* out);

// out = x * factors
void DequantizeRow(const int8_t* x, const float* factors, int64_t n, float* out);

}  // namespace bv::kernels
