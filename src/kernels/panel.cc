// Compiled once for each instruction set; see rows.cc.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/panel.cc"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/panel.h"

HWY_BEFORE_NAMESPACE();
namespace bv::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// kRows x kVectors sums in registers.
template <int kRows, int kVectors>
void Tile(const float* a, int64_t a_stride, const float* b, int64_t b_stride, int64_t depth, float* c,
          int64_t c_stride) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  V sums[kRows][kVectors];
  for (auto& row : sums) {
    for (V& sum : row) sum = hn::Zero(d);
  }
  for (int64_t k = 0; k < depth; ++k) {
    V factors[kVectors];
    for (size_t v = 0; v < kVectors; ++v) factors[v] = hn::LoadU(d, b + k * b_stride + v * lanes);
    for (size_t r = 0; r < kRows; ++r) {
      const V factor = hn::Set(d, a[static_cast<int64_t>(r) * a_stride + k]);
      for (size_t v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(factor, factors[v], sums[r][v]);
    }
  }
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t v = 0; v < kVectors; ++v)
      hn::StoreU(sums[r][v], d, c + static_cast<int64_t>(r) * c_stride + v * lanes);
  }
}

// Rows below a multiple of six go one by one.
template <int kVectors>
void Columns(const float* a, int64_t a_stride, const float* b, int64_t b_stride, int64_t rows, int64_t depth,
             float* c, int64_t c_stride) {
  constexpr int kRows = 6;
  int64_t r = 0;
  for (; r + kRows <= rows; r += kRows)
    Tile<kRows, kVectors>(a + r * a_stride, a_stride, b, b_stride, depth, c + r * c_stride, c_stride);
  for (; r < rows; ++r)
    Tile<1, kVectors>(a + r * a_stride, a_stride, b, b_stride, depth, c + r * c_stride, c_stride);
}

void MultiplyPanel(const float* a, int64_t a_stride, const float* b, int64_t rows, int64_t depth,
                   int64_t columns, float* c, int64_t c_stride) {
  // Of 32 registers of 16 numbers, 6 x 4 hold sums; of 16 registers, 6 x 2.
  constexpr int kVectors = HWY_MAX_BYTES >= 64 ? 4 : 2;
  const auto lanes = static_cast<int64_t>(hn::Lanes(D()));
  int64_t column = 0;
  for (; column + kVectors * lanes <= columns; column += kVectors * lanes)
    Columns<kVectors>(a, a_stride, b + column, columns, rows, depth, c + column, c_stride);
  for (; column < columns; column += lanes)
    Columns<1>(a, a_stride, b + column, columns, rows, depth, c + column, c_stride);
}

}  // namespace bv::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bv::kernels {

HWY_EXPORT(MultiplyPanel);
void MultiplyPanel(const float* a, int64_t a_stride, const float* b, int64_t rows, int64_t depth,
                   int64_t columns, float* c, int64_t c_stride) {
  HWY_DYNAMIC_DISPATCH(MultiplyPanel)(a, a_stride, b, rows, depth, columns, c, c_stride);
}

}  // namespace bv::kernels
#endif  // HWY_ONCE
