#include "heads/state_ops.h"

#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "device/machine.h"
#include "kernels/kernels.h"

namespace bv {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// f32 values per block: a block of states stays in the processor's cache between widening and use.
constexpr int64_t kBlockValues = int64_t{1} << 20;

// Calls body(first row, f32 block) over the first dimension. f32 input is one block.
template <typename Body>
void ForBlocks(const at::Tensor& values, const Body& body) {
  const int64_t rows = values.size(0);
  if (values.scalar_type() == at::kFloat) {
    body(0, values);
    return;
  }
  const int64_t row_values = std::max<int64_t>(1, values.numel() / std::max<int64_t>(1, rows));
  const int64_t step = std::max<int64_t>(64, kBlockValues / row_values);
  for (int64_t begin = 0; begin < rows; begin += step) {
    body(begin, values.narrow(0, begin, std::min(step, rows - begin)).to(at::kFloat));
  }
}

// Products at least this wide gain from the encoder's; narrow ones go through LibTorch's.
constexpr int64_t kWide = 16;

bool IsWide(const at::Tensor& weight) {
  return weight.is_cpu() && weight.size(0) >= kWide;
}

// States that are stored as bf16 have 8 bits to begin with; multiplying them as they are costs a loss a
// hundredth of what another seed does (docs/heads.md), and no widening.
bool InBf16(const at::Tensor& rows, const at::Tensor& weight) {
  return IsWide(weight) && rows.scalar_type() == at::kBFloat16 && ThisCpu().FastBf16();
}

using Product = std::function<at::Tensor(const at::Tensor& rows)>;

Product MakeProduct(const at::Tensor& weight, const std::optional<at::Tensor>& bias, Precision precision) {
  if (IsWide(weight)) {
    const at::Tensor plain_bias = bias ? *bias : at::zeros({weight.size(0)}, weight.options());
    return kernels::Linear::Packed(weight, plain_bias, precision);
  }
  return [weight, bias](const at::Tensor& rows) { return at::linear(rows, weight, bias); };
}

struct ProjectRowsFunction : torch::autograd::Function<ProjectRowsFunction> {
  static Variable forward(AutogradContext* context, const Variable& rows, const Variable& weight,
                          const std::optional<Variable>& bias) {
    context->save_for_backward({rows, weight});
    context->saved_data["bias"] = bias.has_value();
    if (InBf16(rows, weight)) {
      return MakeProduct(weight, bias, Precision::kBf16)(rows).to(at::kFloat);
    }
    const Product product = MakeProduct(weight, bias, Precision::kFp32);
    if (rows.scalar_type() == at::kFloat) return product(rows);
    at::Tensor result = at::empty({rows.size(0), weight.size(0)}, weight.options());
    ForBlocks(rows, [&](int64_t begin, const at::Tensor& block) {
      result.narrow(0, begin, block.size(0)).copy_(product(block));
    });
    return result;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &rows = saved[0], &weight = saved[1], &gradient = gradients[0];
    at::Tensor rows_gradient, weight_gradient, bias_gradient;
    if (context->needs_input_grad(0)) rows_gradient = at::mm(gradient, weight);
    if (InBf16(rows, weight)) {
      weight_gradient = at::mm(gradient.to(at::kBFloat16).t(), rows).to(at::kFloat);
    } else {
      weight_gradient = at::zeros(weight.sizes(), weight.options());
      ForBlocks(rows, [&](int64_t begin, const at::Tensor& block) {
        weight_gradient.addmm_(gradient.narrow(0, begin, block.size(0)).t(), block);
      });
    }
    if (context->saved_data["bias"].toBool()) bias_gradient = gradient.sum(0);
    return {rows_gradient, weight_gradient, bias_gradient};
  }
};

struct PoolStatesFunction : torch::autograd::Function<PoolStatesFunction> {
  static Variable forward(AutogradContext* context, const Variable& states, const Variable& weight) {
    context->save_for_backward({states});
    at::Tensor result = at::empty({states.size(0), states.size(2)}, weight.options());
    ForBlocks(states, [&](int64_t begin, const at::Tensor& block) {
      at::Tensor part = result.narrow(0, begin, block.size(0)).unsqueeze(1);
      at::bmm_out(part, weight.expand({block.size(0), 1, weight.size(0)}), block);
    });
    return result;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::Tensor states = context->get_saved_variables()[0];
    const at::Tensor gradient = gradients[0].unsqueeze(1);
    at::Tensor weight_gradient = at::zeros({states.size(1)}, gradient.options());
    ForBlocks(states, [&](int64_t begin, const at::Tensor& block) {
      weight_gradient.add_(at::mul(block, gradient.narrow(0, begin, block.size(0))).sum({0, 2}));
    });
    return {at::Tensor(), weight_gradient};
  }
};

}  // namespace

at::Tensor ProjectRows(const at::Tensor& rows, const at::Tensor& weight, const at::Tensor& bias) {
  return ProjectRowsFunction::apply(rows, weight, bias.defined() ? std::optional(bias) : std::nullopt);
}

at::Tensor PoolStates(const at::Tensor& states, const at::Tensor& weight) {
  return PoolStatesFunction::apply(states, weight);
}

}  // namespace bv
