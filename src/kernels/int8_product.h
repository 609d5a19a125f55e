// y = activation(x W^T + b) by products of whole numbers of 8 bits, for inference. Weights have a scale for
// each output; x gets one for each row when it comes. Channels of x that are always large would leave the
// others few of the 256 values, so part of their size is folded into the weights first (SmoothQuant, Xiao et
// al. 2023, with exponent 1/2): x / c and W c have the same product. Immutable; safe from any thread. CPU
// only.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "kernels/kernels.h"

namespace bv::kernels {

class Int8Product {
 public:
  // Whether oneDNN has fast products of 8 bits here: AVX512-VNNI, and no environment variable that keeps
  // oneDNN to older instructions, with which they would take minutes.
  static bool Available();

  // weight [out, in], bias [out], f32. Errors (kUnsupported): they are not Available, or this LibTorch has
  // none.
  Int8Product(const at::Tensor& weight, const at::Tensor& bias, const Int8Input& input);

  // x [N, in] bf16, contiguous; the result [N, out] is bf16. N >= 1.
  at::Tensor operator()(const at::Tensor& x, Activation activation) const;

 private:
  at::Tensor packed_;         // W c / scale, rounded, as oneDNN lays it out
  at::Tensor output_scales_;  // [out] f32
  at::Tensor output_zeros_;   // [out] i64, all 0
  at::Tensor bias_;           // [out] f32
  at::Tensor factors_;        // [in] f32: 1 / c
  int32_t zero_ = 128;
};

}  // namespace bv::kernels
