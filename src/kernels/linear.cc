#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/int8_product.h"
#include "kernels/kernels.h"

namespace bv::kernels {
namespace {

using PointwiseOp = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                               std::string_view, c10::List<std::optional<at::Scalar>>,
                               std::optional<std::string_view>);
using ReorderOp = at::Tensor(const at::Tensor&, std::optional<int64_t>);

// The oneDNN operators that PyTorch's own inference compiler uses. They are no public interface, so they are
// looked up by name and called only with the schema that was found to be ours.
struct Prepacked {
  std::optional<c10::TypedOperatorHandle<PointwiseOp>> pointwise;
  std::optional<c10::TypedOperatorHandle<ReorderOp>> reorder;
};

const Prepacked& Ops() {
  static const Prepacked ops = [] {
    Prepacked found;
    auto& dispatcher = c10::Dispatcher::singleton();
    try {
      if (auto op = dispatcher.findSchema({"mkldnn::_linear_pointwise", ""}))
        found.pointwise = op->typed<PointwiseOp>();
      if (auto op = dispatcher.findSchema({"mkldnn::_reorder_linear_weight", ""}))
        found.reorder = op->typed<ReorderOp>();
    } catch (const c10::Error&) {
      found = {};  // the operators have another signature in this LibTorch
    }
    return found;
  }();
  return ops;
}

// Whether oneDNN takes matrices of this type here: bf16 needs instructions that older processors lack.
bool Prepares(at::ScalarType type) {
  if (!Ops().pointwise || !Ops().reorder) return false;
  if (type != at::kBFloat16) return true;
  static const bool bf16 = [] {
    try {
      Ops().reorder->call(at::zeros({16, 16}, at::kBFloat16), 16);
      return true;
    } catch (const c10::Error&) {
      return false;
    }
  }();
  return bf16;
}

at::ScalarType DtypeOf(Precision precision) {
  return precision == Precision::kFp32 ? at::kFloat : at::kBFloat16;
}

// oneDNN's fused epilogue for an activation: name and algorithm, or nothing when it has none.
std::optional<std::pair<std::string_view, std::string_view>> Epilogue(Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return {{"none", ""}};
    case Activation::kGeluErf:
      return {{"gelu", "none"}};
    case Activation::kGeluTanh:
      return {{"gelu", "tanh"}};
    case Activation::kRelu:
      return {{"relu", ""}};
    case Activation::kTanh:
      return {{"tanh", ""}};
    default:
      return std::nullopt;
  }
}

at::Tensor Pointwise(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                     Activation activation) {
  const auto epilogue = Epilogue(activation);
  const auto fused = epilogue.value_or(std::pair<std::string_view, std::string_view>{"none", ""});
  const at::Tensor y = Ops().pointwise->call(x, weight, bias, fused.first,
                                             c10::List<std::optional<at::Scalar>>(), fused.second);
  return epilogue ? y : Activate(y, activation);
}

// x W^T + b with a weight that may have changed since the last call.
at::Tensor Product(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias) {
  if (Prepares(x.scalar_type()) && x.size(0) > 0) return Pointwise(x, weight, bias, Activation::kNone);
  return at::linear(x, weight, bias);
}

class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                            const at::Tensor& weight, const at::Tensor& bias, bool bf16) {
    const auto dtype = DtypeOf(bf16 ? Precision::kBf16 : Precision::kFp32);
    const at::Tensor x_cast = x.detach().to(dtype);
    const at::Tensor weight_cast = weight.detach().to(dtype);
    context->save_for_backward({x_cast, weight_cast});
    context->saved_data["dtype"] = x.scalar_type();
    return Product(x_cast, weight_cast, bias.detach().to(dtype)).to(x.scalar_type());
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1];
    const auto dtype = context->saved_data["dtype"].toScalarType();
    const at::Tensor gradient = gradients[0].contiguous();
    const at::Tensor gradient_cast = gradient.to(x.scalar_type());
    at::Tensor grad_x, grad_weight, grad_bias;
    if (context->needs_input_grad(0)) grad_x = Product(gradient_cast, weight.t(), std::nullopt).to(dtype);
    if (context->needs_input_grad(1))
      grad_weight = Product(gradient_cast.t().contiguous(), x.t(), std::nullopt).to(dtype);
    if (context->needs_input_grad(2)) grad_bias = at::sum(gradient, 0);
    return {grad_x, grad_weight, grad_bias, at::Tensor()};
  }
};

}  // namespace

Linear Linear::Packed(const at::Tensor& weight, const at::Tensor& bias, Precision precision,
                      const Int8Input& input) {
  Linear linear;
  linear.precision_ = precision;
  if (precision == Precision::kInt8) {
    linear.int8_ = std::make_shared<const Int8Product>(weight, bias, input);
    return linear;
  }
  linear.weight_ = weight.detach().to(DtypeOf(precision)).contiguous();
  linear.bias_ = bias.detach().to(DtypeOf(precision)).contiguous();
  if (Prepares(DtypeOf(precision))) {
    constexpr int64_t kUsualTokens = 4096;  // a hint for the layout, not a limit
    linear.packed_ = Ops().reorder->call(linear.weight_, kUsualTokens);
    linear.weight_ = at::Tensor();
  }
  return linear;
}

Linear Linear::Trainable(const at::Tensor& weight, const at::Tensor& bias, Precision precision) {
  Linear linear;
  linear.precision_ = precision;
  linear.trainable_ = true;
  linear.weight_ = weight;
  linear.bias_ = bias;
  return linear;
}

at::Tensor Linear::operator()(const at::Tensor& x, Activation activation) const {
  if (trainable_)
    return Activate(LinearFunction::apply(x, weight_, bias_, precision_ == Precision::kBf16), activation);
  const at::Tensor cast = x.to(DtypeOf(precision_)).contiguous();
  if (int8_) return (*int8_)(cast, activation);
  if (packed_.defined() && x.size(0) > 0) return Pointwise(cast, packed_, bias_, activation);
  return Activate(at::linear(cast, packed_.defined() ? packed_.to_dense() : weight_, bias_), activation);
}

}  // namespace bv::kernels
