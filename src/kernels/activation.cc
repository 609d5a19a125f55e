#include <ATen/ops/add.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/mish.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>

#include "base/error.h"
#include "base/strings.h"
#include "kernels/kernels.h"

namespace bv::kernels {
namespace {

// Names as Hugging Face configurations have them.
const std::vector<std::pair<std::string, Activation>>& Names() {
  static const std::vector<std::pair<std::string, Activation>> names = {
      {"gelu", Activation::kGeluErf},
      {"gelu_python", Activation::kGeluErf},
      {"gelu_new", Activation::kGeluTanh},
      {"gelu_pytorch_tanh", Activation::kGeluTanh},
      {"gelu_fast", Activation::kGeluTanh},
      {"gelu_accurate", Activation::kGeluTanh},
      {"gelu_python_tanh", Activation::kGeluTanh},
      {"quick_gelu", Activation::kQuickGelu},
      {"relu", Activation::kRelu},
      {"silu", Activation::kSilu},
      {"swish", Activation::kSilu},
      {"tanh", Activation::kTanh},
      {"sigmoid", Activation::kSigmoid},
      {"mish", Activation::kMish},
      {"linear", Activation::kNone}};
  return names;
}

}  // namespace

std::vector<std::string> ActivationNames() {
  std::vector<std::string> names;
  for (const auto& entry : Names()) names.push_back(entry.first);
  return names;
}

Activation ParseActivation(const std::string& name) {
  for (const auto& [known_name, activation] : Names()) {
    if (known_name == name) return activation;
  }
  throw Error(ErrorKind::kUnsupported,
              Cat("hidden_act is ", Quoted(name), ", supported are ", Join(ActivationNames(), ", ")));
}

at::Tensor Activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kGeluErf:
      return at::gelu(x);
    case Activation::kGeluTanh:
      return at::gelu(x, "tanh");
    case Activation::kQuickGelu:
      return at::mul(x, at::sigmoid(at::mul(x, 1.702)));
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kSilu:
      return at::silu(x);
    case Activation::kTanh:
      return at::tanh(x);
    case Activation::kSigmoid:
      return at::sigmoid(x);
    case Activation::kMish:
      return at::mish(x);
  }
  throw Error(ErrorKind::kInternal, "unknown activation");
}

at::Tensor ResidualLayerNorm(const at::Tensor& x, const at::Tensor& residual, const at::Tensor& weight,
                             const at::Tensor& bias, double epsilon) {
  return at::layer_norm(at::add(x, residual), {x.size(-1)}, weight, bias, epsilon);
}

}  // namespace bv::kernels
