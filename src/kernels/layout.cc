// Compiled once for each instruction set; see rows.cc.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/layout.cc"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include "kernels/layout.h"

HWY_BEFORE_NAMESPACE();
namespace bv::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using c10::BFloat16;

// How many rows stand in whole blocks of four, which are done here four columns at a time.
int64_t TransposeBlocks(const uint32_t* in, int64_t in_stride, int64_t rows, int64_t columns, uint32_t* out,
                        int64_t out_stride) {
#if HWY_TARGET == HWY_SCALAR  // no vectors
  static_cast<void>(in), static_cast<void>(in_stride), static_cast<void>(rows), static_cast<void>(columns);
  static_cast<void>(out), static_cast<void>(out_stride);
  return 0;
#else
  const hn::FixedTag<uint32_t, 4> d;
  const hn::RepartitionToWide<decltype(d)> pairs;
  const auto lower = [&](auto a, auto b) { return hn::BitCast(pairs, hn::InterleaveLower(d, a, b)); };
  const auto upper = [&](auto a, auto b) { return hn::BitCast(pairs, hn::InterleaveUpper(d, a, b)); };
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    for (int64_t c = 0; c < columns; c += 4) {
      const uint32_t* from = in + r * in_stride + c;
      const auto row0 = hn::LoadU(d, from), row1 = hn::LoadU(d, from + in_stride);
      const auto row2 = hn::LoadU(d, from + 2 * in_stride), row3 = hn::LoadU(d, from + 3 * in_stride);
      const auto low01 = lower(row0, row1), low23 = lower(row2, row3);
      const auto high01 = upper(row0, row1), high23 = upper(row2, row3);
      uint32_t* to = out + c * out_stride + r;
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, to);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, to + out_stride);
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, to + 2 * out_stride);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, to + 3 * out_stride);
    }
  }
  return r;
#endif
}

void TransposeWords(const uint32_t* in, int64_t in_stride, int64_t rows, int64_t columns, uint32_t* out,
                    int64_t out_stride) {
  for (int64_t r = TransposeBlocks(in, in_stride, rows, columns, out, out_stride); r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) out[c * out_stride + r] = in[r * in_stride + c];
  }
}

void InterleaveRows(const BFloat16* a, const BFloat16* b, int64_t n, BFloat16* out) {
  const hn::ScalableTag<uint16_t> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto *first = reinterpret_cast<const uint16_t*>(a), *second = reinterpret_cast<const uint16_t*>(b);
  auto* to = reinterpret_cast<uint16_t*>(out);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    hn::StoreInterleaved2(hn::LoadU(d, first + i), hn::LoadU(d, second + i), d, to + 2 * i);
  for (; i < n; ++i) {
    to[2 * i] = first[i];
    to[2 * i + 1] = second[i];
  }
}

}  // namespace bv::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bv::kernels {

HWY_EXPORT(TransposeWords);
HWY_EXPORT(InterleaveRows);

void TransposeWords(const uint32_t* in, int64_t in_stride, int64_t rows, int64_t columns, uint32_t* out,
                    int64_t out_stride) {
  HWY_DYNAMIC_DISPATCH(TransposeWords)(in, in_stride, rows, columns, out, out_stride);
}
void InterleaveRows(const c10::BFloat16* a, const c10::BFloat16* b, int64_t n, c10::BFloat16* out) {
  HWY_DYNAMIC_DISPATCH(InterleaveRows)(a, b, n, out);
}

}  // namespace bv::kernels
#endif  // HWY_ONCE
