// Compiled once for each instruction set: foreach_target.h includes this file again and again, so what stands
// between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE has a namespace of each.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rows.cc"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/rows.h"
#include "kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bv::kernels::HWY_NAMESPACE {

template <typename T>
float SumInto(const T* a, const T* b, const T* c, int64_t n, float* sums) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  V total = hn::Zero(d);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    V sum = hn::Add(LoadRow(d, a + i), LoadRow(d, b + i));
    if (c != nullptr) sum = hn::Add(sum, LoadRow(d, c + i));
    hn::StoreU(sum, d, sums + i);
    total = hn::Add(total, sum);
  }
  float rest = 0;
  for (; i < n; ++i) {
    sums[i] = static_cast<float>(a[i]) + static_cast<float>(b[i]);
    if (c != nullptr) sums[i] += static_cast<float>(c[i]);
    rest += sums[i];
  }
  return hn::GetLane(hn::SumOfLanes(d, total)) + rest;
}

float SquaresAround(const float* x, float mean, int64_t n) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V middle = hn::Set(d, mean);
  V total = hn::Zero(d);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const V distance = hn::Sub(hn::LoadU(d, x + i), middle);
    total = hn::MulAdd(distance, distance, total);
  }
  float rest = 0;
  for (; i < n; ++i) rest += (x[i] - mean) * (x[i] - mean);
  return hn::GetLane(hn::SumOfLanes(d, total)) + rest;
}

template <typename T>
void NormalizeSumOf(const T* a, const T* b, const T* c, const NormRow& norm, int64_t n, float* sums, T* out) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto count = static_cast<float>(n);
  const float mean = SumInto(a, b, c, n, sums) / count;
  const float factor = 1.0F / std::sqrt(SquaresAround(sums, mean, n) / count + norm.epsilon);
  const V middle = hn::Set(d, mean), scale = hn::Set(d, factor);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const V normal = hn::Mul(hn::Sub(hn::LoadU(d, sums + i), middle), scale);
    StoreRow(d, hn::MulAdd(normal, hn::LoadU(d, norm.weight + i), hn::LoadU(d, norm.bias + i)), out + i);
  }
  for (; i < n; ++i) out[i] = static_cast<T>((sums[i] - mean) * factor * norm.weight[i] + norm.bias[i]);
}

float Largest(const float* x, int64_t n) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V lowest = hn::Set(d, std::numeric_limits<float>::lowest());
  V most = lowest;
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) most = hn::Max(most, hn::LoadU(d, x + i));
  if (i < n) {
    const auto there = hn::FirstN(d, static_cast<size_t>(n - i));
    most = hn::Max(most, hn::IfThenElse(there, hn::LoadU(d, x + i), lowest));
  }
  return hn::GetLane(hn::MaxOfLanes(d, most));
}

template <typename T>
float ExpRowOf(const float* scores, float scale, int64_t n, int64_t padded, T* out) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V most = hn::Set(d, Largest(scores, n)), factor = hn::Set(d, scale);
  const auto value = [&](int64_t i) {
    return ExpOf<T>(d, hn::Mul(hn::Sub(hn::LoadU(d, scores + i), most), factor));
  };
  V total = hn::Zero(d);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const V exponential = value(i);
    total = hn::Add(total, exponential);
    StoreRow(d, exponential, out + i);
  }
  if (i < n) {
    const V exponential = hn::IfThenElseZero(hn::FirstN(d, static_cast<size_t>(n - i)), value(i));
    total = hn::Add(total, exponential);
    StoreRow(d, exponential, out + i);
    i += lanes;
  }
  std::fill(out + std::min(i, padded), out + padded, static_cast<T>(0.0F));
  return hn::GetLane(hn::SumOfLanes(d, total));
}

template <typename T>
void ScaleRowOf(const float* x, float factor, int64_t n, T* out) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V scale = hn::Set(d, factor);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) StoreRow(d, hn::Mul(hn::LoadU(d, x + i), scale), out + i);
  for (; i < n; ++i) out[i] = static_cast<T>(x[i] * factor);
}

// MurmurHash3's final mix of a row's key and a column's number.
uint32_t MixColumn(uint32_t row_key, uint32_t column) {
  uint32_t x = row_key ^ (column * 0x9E3779B1U);
  x = (x ^ (x >> 16)) * 0x85EBCA6BU;
  x = (x ^ (x >> 13)) * 0xC2B2AE35U;
  return x ^ (x >> 16);
}

void KeepRow(uint32_t row_key, uint32_t threshold, float keep, int64_t n, float* out) {
  const D d;
  const hn::RebindToUnsigned<D> d32;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto key = hn::Set(d32, row_key), limit = hn::Set(d32, threshold);
  const V kept = hn::Set(d, keep);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto column = hn::Iota(d32, static_cast<uint32_t>(i));
    auto x = hn::Xor(key, hn::Mul(column, hn::Set(d32, 0x9E3779B1U)));
    x = hn::Mul(hn::Xor(x, hn::ShiftRight<16>(x)), hn::Set(d32, 0x85EBCA6BU));
    x = hn::Mul(hn::Xor(x, hn::ShiftRight<13>(x)), hn::Set(d32, 0xC2B2AE35U));
    x = hn::Xor(x, hn::ShiftRight<16>(x));
    const auto there = hn::Eq(hn::Max(x, limit), x);  // x >= limit
    hn::StoreU(hn::IfThenElseZero(hn::RebindMask(d, there), kept), d, out + i);
  }
  for (; i < n; ++i) out[i] = MixColumn(row_key, static_cast<uint32_t>(i)) >= threshold ? keep : 0.0F;
}

template <typename T>
void DropRowOf(const float* mask, int64_t n, T* row) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V zero = hn::Zero(d);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    StoreRow(d, hn::IfThenZeroElse(hn::Eq(hn::LoadU(d, mask + i), zero), LoadRow(d, row + i)), row + i);
  for (; i < n; ++i) row[i] = mask[i] == 0 ? static_cast<T>(0.0F) : row[i];
}

template <typename T>
void SoftmaxGradientRowOf(const SoftmaxRow& softmax, const float* mask, float* gradient, int64_t padded,
                          T* weights, T* scores) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V factor = hn::Set(d, softmax.factor), scale = hn::Set(d, softmax.scale), one = hn::Set(d, 1.0F);
  const auto keep = [&](int64_t i) { return mask == nullptr ? one : hn::LoadU(d, mask + i); };
  V total = hn::Zero(d);
  for (int64_t i = 0; i < padded; i += lanes) {
    const V dropped = hn::Mul(hn::LoadU(d, gradient + i), keep(i));
    hn::StoreU(dropped, d, gradient + i);
    total = hn::MulAdd(hn::Mul(LoadRow(d, weights + i), factor), dropped, total);
  }
  const V sum = hn::SumOfLanes(d, total);
  for (int64_t i = 0; i < padded; i += lanes) {
    const V probability = hn::Mul(LoadRow(d, weights + i), factor);
    StoreRow(d, hn::Mul(hn::Mul(probability, hn::Sub(hn::LoadU(d, gradient + i), sum)), scale), scores + i);
    StoreRow(d, hn::Mul(probability, keep(i)), weights + i);
  }
}

// Templates cannot be chosen when the program runs; these can.
float ExpRowF32(const float* scores, float scale, int64_t n, int64_t padded, float* out) {
  return ExpRowOf(scores, scale, n, padded, out);
}
float ExpRowBf16(const float* scores, float scale, int64_t n, int64_t padded, BFloat16* out) {
  return ExpRowOf(scores, scale, n, padded, out);
}
void NormalizeSumF32(const float* a, const float* b, const float* c, const NormRow& norm, int64_t n,
                     float* sums, float* out) {
  NormalizeSumOf(a, b, c, norm, n, sums, out);
}
void NormalizeSumBf16(const BFloat16* a, const BFloat16* b, const BFloat16* c, const NormRow& norm, int64_t n,
                      float* sums, BFloat16* out) {
  NormalizeSumOf(a, b, c, norm, n, sums, out);
}
void DropRowF32(const float* mask, int64_t n, float* row) {
  DropRowOf(mask, n, row);
}
void DropRowBf16(const float* mask, int64_t n, BFloat16* row) {
  DropRowOf(mask, n, row);
}
void SoftmaxGradientRowF32(const SoftmaxRow& softmax, const float* mask, float* gradient, int64_t padded,
                           float* weights, float* scores) {
  SoftmaxGradientRowOf(softmax, mask, gradient, padded, weights, scores);
}
void SoftmaxGradientRowBf16(const SoftmaxRow& softmax, const float* mask, float* gradient, int64_t padded,
                            BFloat16* weights, BFloat16* scores) {
  SoftmaxGradientRowOf(softmax, mask, gradient, padded, weights, scores);
}
void ScaleRowF32(const float* x, float factor, int64_t n, float* out) {
  ScaleRowOf(x, factor, n, out);
}
void ScaleRowBf16(const float* x, float factor, int64_t n, BFloat16* out) {
  ScaleRowOf(x, factor, n, out);
}

}  // namespace bv::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bv::kernels {

HWY_EXPORT(NormalizeSumF32);
HWY_EXPORT(NormalizeSumBf16);
HWY_EXPORT(ExpRowF32);
HWY_EXPORT(ExpRowBf16);
HWY_EXPORT(ScaleRowF32);
HWY_EXPORT(ScaleRowBf16);
HWY_EXPORT(KeepRow);
HWY_EXPORT(DropRowF32);
HWY_EXPORT(DropRowBf16);
HWY_EXPORT(SoftmaxGradientRowF32);
HWY_EXPORT(SoftmaxGradientRowBf16);

void NormalizeSum(const float* a, const float* b, const float* c, const NormRow& norm, int64_t n, float* sums,
                  float* out) {
  HWY_DYNAMIC_DISPATCH(NormalizeSumF32)(a, b, c, norm, n, sums, out);
}
void NormalizeSum(const c10::BFloat16* a, const c10::BFloat16* b, const c10::BFloat16* c, const NormRow& norm,
                  int64_t n, float* sums, c10::BFloat16* out) {
  HWY_DYNAMIC_DISPATCH(NormalizeSumBf16)(a, b, c, norm, n, sums, out);
}
float ExpRow(const float* scores, float scale, int64_t n, int64_t padded, float* out) {
  return HWY_DYNAMIC_DISPATCH(ExpRowF32)(scores, scale, n, padded, out);
}
float ExpRow(const float* scores, float scale, int64_t n, int64_t padded, c10::BFloat16* out) {
  return HWY_DYNAMIC_DISPATCH(ExpRowBf16)(scores, scale, n, padded, out);
}
void ScaleRow(const float* x, float factor, int64_t n, float* out) {
  HWY_DYNAMIC_DISPATCH(ScaleRowF32)(x, factor, n, out);
}
void ScaleRow(const float* x, float factor, int64_t n, c10::BFloat16* out) {
  HWY_DYNAMIC_DISPATCH(ScaleRowBf16)(x, factor, n, out);
}
void KeepRow(uint32_t row_key, uint32_t threshold, float keep, int64_t n, float* out) {
  HWY_DYNAMIC_DISPATCH(KeepRow)(row_key, threshold, keep, n, out);
}
void DropRow(const float* mask, int64_t n, float* row) {
  HWY_DYNAMIC_DISPATCH(DropRowF32)(mask, n, row);
}
void DropRow(const float* mask, int64_t n, c10::BFloat16* row) {
  HWY_DYNAMIC_DISPATCH(DropRowBf16)(mask, n, row);
}
void SoftmaxGradientRow(const SoftmaxRow& softmax, const float* mask, float* gradient, int64_t padded,
                        float* weights, float* scores) {
  HWY_DYNAMIC_DISPATCH(SoftmaxGradientRowF32)(softmax, mask, gradient, padded, weights, scores);
}
void SoftmaxGradientRow(const SoftmaxRow& softmax, const float* mask, float* gradient, int64_t padded,
                        c10::BFloat16* weights, c10::BFloat16* scores) {
  HWY_DYNAMIC_DISPATCH(SoftmaxGradientRowBf16)(softmax, mask, gradient, padded, weights, scores);
}

}  // namespace bv::kernels
#endif  // HWY_ONCE
