// Sweeps over one row of numbers for inference, vectorised for whatever the processor has (Highway chooses
// when the program runs; its SetSupportedTargetsForTest forces a choice). Sums are fp32 whatever the row's
// type. Not differentiable, no allocation; safe from any thread.

#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>

namespace bv::kernels {

// LayerNorm's parameters: weight and bias [n], fp32.
struct NormRow {
  const float* weight;
  const float* bias;
  float epsilon;
};

// out = LayerNorm(a + b + c); c may be null. sums [n] is scratch; out may be a or b.
void NormalizeSum(const float* a, const float* b, const float* c, const NormRow& norm, int64_t n, float* sums,
                  float* out);
void NormalizeSum(const c10::BFloat16* a, const c10::BFloat16* b, const c10::BFloat16* c, const NormRow& norm,
                  int64_t n, float* sums, c10::BFloat16* out);

// out[i] = exp(scale * (scores[i] - the largest of the first n)) for i < n, 0 from there to `padded`. Returns
// the sum of out before it was rounded. n >= 1; scores and out have `padded` numbers, a multiple of 16. fp32
// to 2e-7 of the value, but nothing below e^-87; bf16 to its last place.
float ExpRow(const float* scores, float scale, int64_t n, int64_t padded, float* out);
float ExpRow(const float* scores, float scale, int64_t n, int64_t padded, c10::BFloat16* out);

// out = factor * x
void ScaleRow(const float* x, float factor, int64_t n, float* out);
void ScaleRow(const float* x, float factor, int64_t n, c10::BFloat16* out);

// out[c * out_stride + r] = in[r * in_stride + c]; columns a multiple of 4.
void TransposeWords(const uint32_t* in, int64_t in_stride, int64_t rows, int64_t columns, uint32_t* out,
                    int64_t out_stride);

// out[2 * i] = a[i], out[2 * i + 1] = b[i]
void InterleaveRows(const c10::BFloat16* a, const c10::BFloat16* b, int64_t n, c10::BFloat16* out);

}  // namespace bv::kernels
