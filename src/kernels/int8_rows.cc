// Compiled once for each instruction set, as rows.cc.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/int8_rows.cc"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "kernels/int8_rows.h"
#include "kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bv::kernels::HWY_NAMESPACE {

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

struct Bounds {
  float least, most;  // at most 0, at least 0
};

Bounds BoundsOf(const BFloat16* x, const float* factors, int64_t n) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  V least = hn::Zero(d), most = hn::Zero(d);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const V y = hn::Mul(LoadRow(d, x + i), hn::LoadU(d, factors + i));
    least = hn::Min(least, y);
    most = hn::Max(most, y);
  }
  Bounds bounds = {hn::GetLane(hn::MinOfLanes(d, least)), hn::GetLane(hn::MaxOfLanes(d, most))};
  for (; i < n; ++i) {
    const float y = static_cast<float>(x[i]) * factors[i];
    bounds = {std::min(bounds.least, y), std::max(bounds.most, y)};
  }
  return bounds;
}

float QuantizeUnsignedRow(const BFloat16* x, const float* factors, int32_t zero, int64_t n, uint8_t* out) {
  const Bounds bounds = BoundsOf(x, factors, n);
  const float scale =
      std::max(bounds.most / static_cast<float>(255 - zero), -bounds.least / static_cast<float>(zero));
  if (scale == 0) {
    std::fill(out, out + n, static_cast<uint8_t>(zero));
    return 0;
  }
  const D d;
  const hn::Rebind<uint8_t, D> d8;
  const hn::RebindToSigned<D> d32;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const float inverse = 1.0F / scale;
  const V factor = hn::Set(d, inverse);
  const auto shift = hn::Set(d32, zero);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const V y = hn::Mul(hn::Mul(LoadRow(d, x + i), hn::LoadU(d, factors + i)), factor);
    hn::StoreU(hn::DemoteTo(d8, hn::Add(hn::NearestInt(y), shift)), d8, out + i);
  }
  for (; i < n; ++i) {
    const long whole = std::lrint(static_cast<float>(x[i]) * factors[i] * inverse) + zero;
    out[i] = static_cast<uint8_t>(std::clamp(whole, 0L, 255L));
  }
  return scale;
}

// x Phi(x), with erf(z) as 1 - (polynomial of t) exp(-z^2), t = 1 / (1 + 0.3275911 z), of Abramowitz and
// Stegun 7.1.26. To 1e-4 of the value, for a result that is rounded to bf16.
HWY_INLINE V GeluOf(D d, V x) {
  const V z = hn::Mul(hn::Abs(x), hn::Set(d, 0.70710678F)), one = hn::Set(d, 1.0F);
  const V below = hn::MulAdd(z, hn::Set(d, 0.3275911F), one);
  const V rough = hn::ApproximateReciprocal(below);
  const V t = hn::Mul(rough, hn::NegMulAdd(below, rough, hn::Set(d, 2.0F)));  // a step of Newton's
  // The polynomial's half: of |x|, what is missing of Phi.
  V terms = hn::MulAdd(hn::Set(d, 0.5307027145F), t, hn::Set(d, -0.7265760135F));
  terms = hn::MulAdd(terms, t, hn::Set(d, 0.7107068705F));
  terms = hn::MulAdd(terms, t, hn::Set(d, -0.142248368F));
  terms = hn::MulAdd(terms, t, hn::Set(d, 0.127414796F));
  const V tail = hn::Mul(hn::Mul(terms, t), ExpOf<BFloat16>(d, hn::Neg(hn::Mul(z, z))));
  return hn::Mul(x, hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(one, tail)));
}

template <bool kGelu>
void FinishRowOf(const BFloat16* product, float scale, const float* bias, int64_t n, BFloat16* out) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V factor = hn::Set(d, scale);
  const auto finish = [&](V whole, V shift) {
    const V y = hn::MulAdd(whole, factor, shift);
    return kGelu ? GeluOf(d, y) : y;
  };
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    StoreRow(d, finish(LoadRow(d, product + i), hn::LoadU(d, bias + i)), out + i);
  for (; i < n; ++i) {
    const V y = finish(hn::Set(d, static_cast<float>(product[i])), hn::Set(d, bias[i]));
    out[i] = static_cast<BFloat16>(hn::GetLane(y));
  }
}

void FinishRow(const BFloat16* product, float scale, const float* bias, int64_t n, BFloat16* out) {
  FinishRowOf<false>(product, scale, bias, n, out);
}
void FinishGeluRow(const BFloat16* product, float scale, const float* bias, int64_t n, BFloat16* out) {
  FinishRowOf<true>(product, scale, bias, n, out);
}

}  // namespace bv::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bv::kernels {

HWY_EXPORT(QuantizeRow);
HWY_EXPORT(DequantizeRow);
HWY_EXPORT(QuantizeUnsignedRow);
HWY_EXPORT(FinishRow);
HWY_EXPORT(FinishGeluRow);

float QuantizeRow(const float* x, const float* factors, int64_t n, int8_t* out) {
  return HWY_DYNAMIC_DISPATCH(QuantizeRow)(x, factors, n, out);
}
void DequantizeRow(const int8_t* x, const float* factors, int64_t n, float* out) {
  HWY_DYNAMIC_DISPATCH(DequantizeRow)(x, factors, n, out);
}
float QuantizeUnsignedRow(const c10::BFloat16* x, const float* factors, int32_t zero, int64_t n,
                          uint8_t* out) {
  return HWY_DYNAMIC_DISPATCH(QuantizeUnsignedRow)(x, factors, zero, n, out);
}
void FinishRow(const c10::BFloat16* product, float scale, const float* bias, int64_t n, c10::BFloat16* out) {
  HWY_DYNAMIC_DISPATCH(FinishRow)(product, scale, bias, n, out);
}
void FinishGeluRow(const c10::BFloat16* product, float scale, const float* bias, int64_t n,
                   c10::BFloat16* out) {
  HWY_DYNAMIC_DISPATCH(FinishGeluRow)(product, scale, bias, n, out);
}

}  // namespace bv::kernels
#endif  // HWY_ONCE
