// Sweeps over one row of numbers, vectorised for whatever the processor has (Highway chooses
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

// Dropout's mask: out[i] = keep where a hash of the key and of i is at least threshold, else 0. The same
// numbers on every machine.
void KeepRow(uint32_t row_key, uint32_t threshold, float keep, int64_t n, float* out);
// row[i] = 0 where mask[i] is 0.
void DropRow(const float* mask, int64_t n, float* row);
void DropRow(const float* mask, int64_t n, c10::BFloat16* row);

// A row of ExpRow as a softmax: probabilities are factor * weights, of scores that were multiplied by scale.
struct SoftmaxRow {
  float factor, scale;
};
// The way back through dropout and softmax. In: weights, as ExpRow gave them; mask, as KeepRow gave it, or
// null; gradient, by the dropped probabilities. Out: weights become the dropped probabilities, scores the
// gradient by the scores; gradient is spoilt. All have `padded` numbers, a multiple of 16; weights end in
// zeros.
void SoftmaxGradientRow(const SoftmaxRow& softmax, const float* mask, float* gradient, int64_t padded,
                        float* weights, float* scores);
void SoftmaxGradientRow(const SoftmaxRow& softmax, const float* mask, float* gradient, int64_t padded,
                        c10::BFloat16* weights, c10::BFloat16* scores);

}  // namespace bv::kernels
