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
BV_PAIRS void Tile(const PanelShape& shape, const c10::BFloat16* a, const c10::BFloat16* b, float* c) {
  __m512 sums[kRows][kVectors];
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t v = 0; v < kVectors; ++v)
      sums[r][v] = shape.add ? _mm512_loadu_ps(c + r * shape.c_stride + v * 16) : _mm512_setzero_ps();
  }
  for (int64_t k = 0; k < shape.depth; k += 2) {
    __m512bh factors[kVectors];
    for (int64_t v = 0; v < kVectors; ++v)
      factors[v] = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b + k * shape.b_stride + v * 32));
    for (int64_t r = 0; r < kRows; ++r) {
      int32_t pair = 0;
      std::memcpy(&pair, a + r * shape.a_stride + k, sizeof pair);
      const auto factor = reinterpret_cast<__m512bh>(_mm512_set1_epi32(pair));
      for (int64_t v = 0; v < kVectors; ++v) sums[r][v] = _mm512_dpbf16_ps(sums[r][v], factor, factors[v]);
    }
  }
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t v = 0; v < kVectors; ++v) _mm512_storeu_ps(c + r * shape.c_stride + v * 16, sums[r][v]);
  }
}

// Rows below a multiple of six go one by one.
template <int kVectors>
BV_PAIRS void Rows(const PanelShape& shape, const c10::BFloat16* a, const c10::BFloat16* b, float* c) {
  constexpr int kRows = 6;
  int64_t r = 0;
  for (; r + kRows <= shape.rows; r += kRows)
    Tile<kRows, kVectors>(shape, a + r * shape.a_stride, b, c + r * shape.c_stride);
  for (; r < shape.rows; ++r) Tile<1, kVectors>(shape, a + r * shape.a_stride, b, c + r * shape.c_stride);
}

}  // namespace

void MultiplyPairs(const PanelShape& shape, const c10::BFloat16* a, const c10::BFloat16* b, float* c) {
  switch (shape.columns / 16) {
    case 4:
      return Rows<4>(shape, a, b, c);
    case 3:
      return Rows<3>(shape, a, b, c);
    case 2:
      return Rows<2>(shape, a, b, c);
    default:
      return Rows<1>(shape, a, b, c);
  }
}

namespace {

bool ProcessorHas() {
  static const bool has = __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw");
  return has;
}

}  // namespace

#else

void MultiplyPairs(const PanelShape&, const c10::BFloat16*, const c10::BFloat16*, float*) {}

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
