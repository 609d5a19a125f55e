// Compiled once for each instruction set, as rows.cc.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/int8_rows.cc"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "kernels/int8_rows.h"

HWY_BEFORE_NAMESPACE();
namespace bv::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

float LargestProduct(const float* x, const float* factors, int64_t n) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  V most = hn::Zero(d);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    most = hn::Max(most, hn::Abs(hn::Mul(hn::LoadU(d, x + i), hn::LoadU(d, factors + i))));
  float largest = hn::GetLane(hn::MaxOfLanes(d, most));
  for (; i < n; ++i) largest = std::max(largest, std::abs(x[i] * factors[i]));
  return largest;
}

float QuantizeRow(const float* x, const float* factors, int64_t n, int8_t* out) {
  const float largest = LargestProduct(x, factors, n);
  if (largest == 0) {
    std::fill(out, out + n, int8_t{0});
    return 0;
  }
  const D d;
  const hn::Rebind<int8_t, D> d8;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const float inverse = 127.0F / largest;
  const V scale = hn::Set(d, inverse);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const V y = hn::Mul(hn::LoadU(d, x + i), hn::LoadU(d, factors + i));
    hn::StoreU(hn::DemoteTo(d8, hn::NearestInt(hn::Mul(y, scale))), d8, out + i);
  }
  for (; i < n; ++i) out[i] = static_cast<int8_t>(std::lrint(x[i] * factors[i] * inverse));
  return largest / 127.0F;
}

void DequantizeRow(const int8_t* x, const float* factors, int64_t n, float* out) {
  const D d;
  const hn::Rebind<int8_t, D> d8;
  const hn::Rebind<int32_t, D> d32;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const V whole = hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d8, x + i)));
    hn::StoreU(hn::Mul(whole, hn::LoadU(d, factors + i)), d, out + i);
  }
  for (; i < n; ++i) out[i] = static_cast<float>(x[i]) * factors[i];
}

}  // namespace bv::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bv::kernels {

HWY_EXPORT(QuantizeRow);
HWY_EXPORT(DequantizeRow);

float QuantizeRow(const float* x, const float* factors, int64_t n, int8_t* out) {
  return HWY_DYNAMIC_DISPATCH(QuantizeRow)(x, factors, n, out);
}
void DequantizeRow(const int8_t* x, const float* factors, int64_t n, float* out) {
  HWY_DYNAMIC_DISPATCH(DequantizeRow)(x, factors, n, out);
}

}  // namespace bv::kernels
#endif  // HWY_ONCE
