// The small products of attention: a few rows by one panel that stays in the first-level cache. Vectorised
// for whatever the processor has, as rows.h. No allocation; safe from any thread.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>

namespace bv::kernels {

// The factors of c (+)= a b: a [rows, depth], b [depth, columns], c [rows, columns], rows of each `*_stride`
// numbers apart. columns: a multiple of 16 up to 64. add: to what is in c, else c is overwritten.
struct PanelShape {
  int64_t rows, depth, columns;
  int64_t a_stride, b_stride, c_stride;
  bool add = false;
};

void MultiplyPanel(const PanelShape& shape, const float* a, const float* b, float* c);

// The same with factors of bf16 and sums of fp32; depth even, b laid out as [depth / 2, b_stride, 2]. Only
// where HasPairProducts().
void MultiplyPairs(const PanelShape& shape, const c10::BFloat16* a, const c10::BFloat16* b, float* c);
// Whether the processor multiplies pairs of bf16 (AVX512-BF16).
bool HasPairProducts();
// For tests: false makes the processor seem to have none.
void AllowPairProducts(bool allow);

}  // namespace bv::kernels
