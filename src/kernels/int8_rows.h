// Rows of numbers as whole numbers of 8 bits, vectorised as rows.h is. The same bytes on every machine. No
// allocation; safe from any thread.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>

namespace bv::kernels {

// With y = x * factors, out = y * 127 / max |y| rounded to the nearest whole number, ties to even. Returns
// max |y| / 127, by which out is to be multiplied; 0 where y is all zeros. x must be finite.
float QuantizeRow(const float* x, const float* factors, int64_t n, int8_t* out);

// out = x * factors
void DequantizeRow(const int8_t* x, const float* factors, int64_t n, float* out);

// The same for the left side of a product, whose instructions take whole numbers of 0..255: with y = x *
// factors and s the smallest scale for which all fit, out = y / s rounded, + zero. Returns s, 0 where y is
// all zeros (out is `zero` then). zero, 1..254, is where 0 lies: 128 for numbers of both signs, less where
// most are positive.
float QuantizeUnsignedRow(const c10::BFloat16* x, const float* factors, int32_t zero, int64_t n,
                          uint8_t* out);

// out = scale * product + bias, and its GELU (the one with erf). out may be product.
void FinishRow(const c10::BFloat16* product, float scale, const float* bias, int64_t n, c10::BFloat16* out);
void FinishGeluRow(const c10::BFloat16* product, float scale, const float* bias, int64_t n,
                   c10::BFloat16* out);

}  // namespace bv::kernels
