// The small products of attention: a few rows by one panel that stays in the first-level cache. Vectorised
// for whatever the processor has, as rows.h. No allocation; safe from any thread.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>

namespace bv::kernels {

// c = a b: a [rows, depth], rows `a_stride` apart; b [depth, columns]; c [rows, columns], rows c_stride
// apart. columns: a multiple of 16 up to 64.
void MultiplyPanel(const float* a, int64_t a_stride, const float* b, int64_t rows, int64_t depth,
                   int64_t columns, float* c, int64_t c_stride);

// The same with factors of bf16 and sums of fp32; depth even, b laid out as [depth / 2, columns, 2]. Only
// where HasPairProducts().
void MultiplyPairs(const c10::BFloat16* a, int64_t a_stride, const c10::BFloat16* b, int64_t rows,
                   int64_t depth, int64_t columns, float* c, int64_t c_stride);
// Whether the processor multiplies pairs of bf16 (AVX512-BF16).
bool HasPairProducts();
// For tests: false makes the processor seem to have none.
void AllowPairProducts(bool allow);

}  // namespace bv::kernels
