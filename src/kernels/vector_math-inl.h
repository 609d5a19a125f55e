// Loads, stores and exp for the sweeps that are compiled once for each instruction set. Included by their .cc
// files alone, inside no namespace and after highway.h; the guard is Highway's for such headers.
#if defined(BERTVISION_KERNELS_VECTOR_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTVISION_KERNELS_VECTOR_MATH_INL_H_
#undef BERTVISION_KERNELS_VECTOR_MATH_INL_H_
#else
#define BERTVISION_KERNELS_VECTOR_MATH_INL_H_
#endif

#include <c10/util/BFloat16.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bv::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using c10::BFloat16;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

HWY_INLINE V LoadRow(D d, const float* from) {
  return hn::LoadU(d, from);
}
HWY_INLINE V LoadRow(D d, const BFloat16* from) {
  const hn::Rebind<uint16_t, D> d16;
  const hn::RebindToUnsigned<D> d32;
  const auto bits = hn::LoadU(d16, reinterpret_cast<const uint16_t*>(from));
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(d32, bits)));
}

HWY_INLINE void StoreRow(D d, V v, float* to) {
  hn::StoreU(v, d, to);
}
// To the nearest, ties to even; Highway's own conversion cuts off.
HWY_INLINE void StoreRow(D, V v, BFloat16* to) {
  const hn::Rebind<uint16_t, D> d16;
  const hn::RebindToUnsigned<D> d32;
  const auto bits = hn::BitCast(d32, v);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d32, 1));
  const auto rounded = hn::ShiftRight<16>(hn::Add(hn::Add(bits, hn::Set(d32, 0x7FFF)), odd));
  const auto nan = hn::RebindMask(d32, hn::IsNaN(v));
  const auto kept = hn::IfThenElse(nan, hn::Set(d32, 0x7FC0), rounded);
  hn::StoreU(hn::TruncateTo(d16, kept), d16, reinterpret_cast<uint16_t*>(to));
}

// exp(x) for x <= 0: 2^n times a polynomial for what is left of the exponent. To 2e-7 of the value, or, where
// the result will be rounded to bf16 anyway, to 1e-4 with half the terms (both minimax over |r| <= ln 2 / 2).
template <typename T>
HWY_INLINE V ExpOf(D d, V x) {
  const hn::RebindToSigned<D> d32;
  const V bounded = hn::Max(x, hn::Set(d, -87.0F));
  const V n = hn::Round(hn::Mul(bounded, hn::Set(d, 1.44269504F)));
  V r = hn::NegMulAdd(n, hn::Set(d, 0.693359375F), bounded);
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4F), r);
  V value = hn::Set(d, 0.0F);  // (exp(r) - 1 - r) / r^2
  if constexpr (sizeof(T) == sizeof(float)) {
    value = hn::MulAdd(hn::Set(d, 1.381461e-3F), r, hn::Set(d, 8.368710e-3F));
    value = hn::MulAdd(value, r, hn::Set(d, 4.166839e-2F));
    value = hn::MulAdd(value, r, hn::Set(d, 1.6666521e-1F));
    value = hn::MulAdd(value, r, hn::Set(d, 4.9999993e-1F));
  } else {
    value = hn::MulAdd(hn::Set(d, 1.666281e-1F), r, hn::Set(d, 5.039410e-1F));
  }
  value = hn::MulAdd(hn::MulAdd(value, r, hn::Set(d, 1.0F)), r, hn::Set(d, 1.0F));
  const auto exponent = hn::ShiftLeft<23>(hn::Add(hn::ConvertTo(d32, n), hn::Set(d32, 127)));
  return hn::Mul(value, hn::BitCast(d, exponent));
}

}  // namespace bv::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per target
