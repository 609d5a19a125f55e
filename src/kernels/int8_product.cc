#include "kernels/int8_product.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/cpu/Utils.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <cstdlib>
#include <vector>

#include "base/error.h"
#include "kernels/int8_rows.h"

namespace bv::kernels {
namespace {

using c10::BFloat16;

// oneDNN's quantised operators, which PyTorch's inference compiler uses. They are no public interface: found
// by name, called with values in the order of their schemas, of which the number of arguments is checked.
c10::OperatorHandle FindOperator(const char* name, size_t arguments) {
  const auto op = c10::Dispatcher::singleton().findSchema({name, ""});
  if (op && op->schema().arguments().size() == arguments) return *op;
  throw Error(ErrorKind::kUnsupported, "int8: this LibTorch has no products of 8 bits that are known here");
}

at::Tensor Pack(const at::Tensor& weight) {
  static const c10::OperatorHandle op = FindOperator("onednn::qlinear_prepack", 2);
  constexpr int64_t kUsualTokens = 1024;  // a hint for the layout, not a limit
  torch::jit::Stack stack = {weight, std::vector<int64_t>{kUsualTokens, weight.size(1)}};
  op.callBoxed(stack);
  return stack.front().toTensor();
}

// (x - zero) W^T times the outputs' scales.
at::Tensor Multiply(const at::Tensor& x, int64_t zero, const at::Tensor& packed, const at::Tensor& scales,
                    const at::Tensor& zeros) {
  static const c10::OperatorHandle op = FindOperator("onednn::qlinear_pointwise", 13);
  torch::jit::Stack stack = {x,
                             1.0,
                             zero,
                             packed,
                             scales,
                             zeros,
                             c10::IValue(),
                             1.0,
                             int64_t{0},
                             static_cast<int64_t>(at::kBFloat16),
                             "none",
                             c10::List<std::optional<at::Scalar>>(),
                             ""};
  op.callBoxed(stack);
  return stack.front().toTensor();
}

// No smaller than a tenth of their mean: a channel that was silent in the sample may speak elsewhere.
at::Tensor Bounded(const at::Tensor& sizes) {
  return sizes.clamp_min(sizes.mean().item<double>() / 10 + 1e-12);
}

// c [in]: the geometric mean of what smoothing would take from x and from the weights.
at::Tensor ChannelFactors(const at::Tensor& weight, const at::Tensor& sizes) {
  if (!sizes.defined()) return at::ones({weight.size(1)});
  return (Bounded(sizes) / Bounded(weight.abs().amax(0))).sqrt();
}

}  // namespace

bool Int8Product::Available() {
  static const bool available = at::cpu::is_avx512_vnni_supported() &&
                                std::getenv("ONEDNN_MAX_CPU_ISA") == nullptr &&
                                std::getenv("DNNL_MAX_CPU_ISA") == nullptr;
  return available;
}

Int8Product::Int8Product(const at::Tensor& weight, const at::Tensor& bias, const Int8Input& input)
    : bias_(bias.detach().to(at::kFloat).contiguous()), zero_(input.zero) {
  if (!Available()) {
    throw Error(ErrorKind::kUnsupported,
                "int8 needs AVX512-VNNI, and no ONEDNN_MAX_CPU_ISA that forbids it; use bf16 or fp32");
  }
  const at::Tensor plain = weight.detach().to(at::kFloat);
  const at::Tensor channels = ChannelFactors(plain, input.sizes);
  factors_ = (1 / channels).contiguous();
  const at::Tensor smooth = plain * channels;
  output_scales_ = (smooth.abs().amax(1) / 127).clamp_min(1e-30).contiguous();
  output_zeros_ = at::zeros({weight.size(0)}, at::kLong);
  packed_ = Pack((smooth / output_scales_.unsqueeze(1)).round().to(at::kChar).contiguous());
}

at::Tensor Int8Product::operator()(const at::Tensor& x, Activation activation) const {
  const int64_t rows = x.size(0), in = x.size(1), out = bias_.size(0);
  constexpr int64_t kFewRows = 16;
  at::Tensor whole = at::empty({rows, in}, at::kByte);
  std::vector<float> scales(static_cast<size_t>(rows));
  const auto* from = x.const_data_ptr<BFloat16>();
  auto* to = whole.mutable_data_ptr<uint8_t>();
  const auto *factors = factors_.const_data_ptr<float>(), *bias = bias_.const_data_ptr<float>();
  at::parallel_for(0, rows, kFewRows, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      scales[static_cast<size_t>(row)] =
          QuantizeUnsignedRow(from + row * in, factors, zero_, in, to + row * in);
  });
  at::Tensor product = Multiply(whole, zero_, packed_, output_scales_, output_zeros_);
  auto* values = product.mutable_data_ptr<BFloat16>();
  const bool gelu = activation == Activation::kGeluErf;
  at::parallel_for(0, rows, kFewRows, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      auto* of_row = values + row * out;
      (gelu ? FinishGeluRow : FinishRow)(of_row, scales[static_cast<size_t>(row)], bias, out, of_row);
    }
  });
  return gelu ? product : Activate(product, activation);
}

}  // namespace bv::kernels
