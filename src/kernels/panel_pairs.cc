// The one place with instructions of its own: Highway 1.0 has no AVX512-BF16.
#include "kernels/panel.h"

#include <atomic>

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

#define BV_PAIRS __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#endif

namespace bv::kernels {

#if defined(__x86_64__)

namespace {

template <int kRows, int kVectors>
BV_PAIRS void Tile(const c10::BFloat16* a, int64_t a_stride, const c10::BFloat16* b, int64_t columns,
                   int64_t depth, float* c, int64_t c_stride) {
  __m512 sums[kRows][kVectors];
  for (auto& row : sums) {
    for (__m512& sum : row) sum = _mm512_setzero_ps();
  }
  for (int64_t k = 0; k < depth; k += 2) {
    __m512bh factors[kVectors];
    for (int v = 0; v < kVectors; ++v)
      factors[v] = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b + k * columns + v * 32));
    for (int r = 0; r < kRows; ++r) {
      int32_t pair = 0;
      std::memcpy(&pair, a + r * a_stride + k, sizeof pair);
      const auto factor = reinterpret_cast<__m512bh>(_mm512_set1_epi32(pair));
      for (int v = 0; v < kVectors; ++v) sums[r][v] = _mm512_dpbf16_ps(sums[r][v], factor, factors[v]);
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) _mm512_storeu_ps(c + r * c_stride + v * 16, sums[r][v]);
  }
}

// Rows below a multiple of six go one by one.
template <int kVectors>
BV_PAIRS void Rows(const c10::BFloat16* a, int64_t a_stride, const c10::BFloat16* b, int64_t rows,
                   int64_t columns, int64_t depth, float* c, int64_t c_stride) {
  constexpr int kRows = 6;
  int64_t r = 0;
  for (; r + kRows <= rows; r += kRows)
    Tile<kRows, kVectors>(a + r * a_stride, a_stride, b, columns, depth, c + r * c_stride, c_stride);
  for (; r < rows; ++r)
    Tile<1, kVectors>(a + r * a_stride, a_stride, b, columns, depth, c + r * c_stride, c_stride);
}

}  // namespace

void MultiplyPairs(const c10::BFloat16* a, int64_t a_stride, const c10::BFloat16* b, int64_t rows,
                   int64_t depth, int64_t columns, float* c, int64_t c_stride) {
  switch (columns / 16) {
    case 4:
      return Rows<4>(a, a_stride, b, rows, columns, depth, c, c_stride);
    case 3:
      return Rows<3>(a, a_stride, b, rows, columns, depth, c, c_stride);
    case 2:
      return Rows<2>(a, a_stride, b, rows, columns, depth, c, c_stride);
    default:
      return Rows<1>(a, a_stride, b, rows, columns, depth, c, c_stride);
  }
}

namespace {

bool ProcessorHas() {
  static const bool has = __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw");
  return has;
}

}  // namespace

#else

void MultiplyPairs(const c10::BFloat16*, int64_t, const c10::BFloat16*, int64_t, int64_t, int64_t, float*,
                   int64_t) {}

namespace {

bool ProcessorHas() {
  return false;
}

}  // namespace

#endif

namespace {
std::atomic<bool> allowed = true;
}  // namespace

bool HasPairProducts() {
  return allowed && ProcessorHas();
}

void AllowPairProducts(bool allow) {
  allowed = allow;
}

}  // namespace bv::kernels
