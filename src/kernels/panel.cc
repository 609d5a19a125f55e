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
void Tile(const PanelShape& shape, const float* a, const float* b, float* c) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  V sums[kRows][kVectors];
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v)
      sums[r][v] = shape.add ? hn::LoadU(d, c + r * shape.c_stride + v * lanes) : hn::Zero(d);
  }
  for (int64_t k = 0; k < shape.depth; ++k) {
    V factors[kVectors];
    for (int v = 0; v < kVectors; ++v) factors[v] = hn::LoadU(d, b + k * shape.b_stride + v * lanes);
    for (int r = 0; r < kRows; ++r) {
      const V factor = hn::Set(d, a[r * shape.a_stride + k]);
      for (int v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(factor, factors[v], sums[r][v]);
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) hn::StoreU(sums[r][v], d, c + r * shape.c_stride + v * lanes);
  }
}

// Rows below a multiple of six go one by one.
template <int kVectors>
void Columns(const PanelShape& shape, const float* a, const float* b, float* c) {
  constexpr int kRows = 6;
  int64_t r = 0;
  for (; r + kRows <= shape.rows; r += kRows)
    Tile<kRows, kVectors>(shape, a + r * shape.a_stride, b, c + r * shape.c_stride);
  for (; r < shape.rows; ++r) Tile<1, kVectors>(shape, a + r * shape.a_stride, b, c + r * shape.c_stride);
}

void MultiplyPanel(const PanelShape& shape, const float* a, const float* b, float* c) {
  // Of 32 registers of 16 numbers, 6 x 4 hold sums; of 16 registers, 6 x 2.
  constexpr int kVectors = HWY_MAX_BYTES >= 64 ? 4 : 2;
  const auto lanes = static_cast<int64_t>(hn::Lanes(D()));
  int64_t column = 0;
  for (; column + kVectors * lanes <= shape.columns; column += kVectors * lanes)
    Columns<kVectors>(shape, a, b + column, c + column);
  for (; column < shape.columns; column += lanes) Columns<1>(shape, a, b + column, c + column);
}

}  // namespace bv::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bv::kernels {

HWY_EXPORT(MultiplyPanel);
void MultiplyPanel(const PanelShape& shape, const float* a, const float* b, float* c) {
  HWY_DYNAMIC_DISPATCH(MultiplyPanel)(shape, a, b, c);
}

}  // namespace bv::kernels
#endif  // HWY_ONCE
