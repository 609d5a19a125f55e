// Numbers put into the order that the small products of attention want them in. Vectorised for whatever the
// processor has, as rows.h. No allocation; safe from any thread.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>

namespace bv::kernels {

// out[c * out_stride + r] = in[r * in_stride + c]; columns a multiple of 4.
void TransposeWords(const uint32_t* in, int64_t in_stride, int64_t rows, int64_t columns, uint32_t* out,
                    int64_t out_stride);

// out[2 * i] = a[i], out[2 * i + 1] = b[i]
void InterleaveRows(const c10::BFloat16* a, const c10::BFloat16* b, int64_t n, c10::BFloat16* out);

}  // namespace bv::kernels
