#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_softmax.h>
#include <ATen/ops/_softmax_backward_data.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mul.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/strings.h"
#include "kernels/kernels.h"

namespace bv::kernels {
namespace {

struct Shape {
  int64_t heads, width;  // of one head
  double scale() const { return 1.0 / std::sqrt(static_cast<double>(width)); }
};

// One window's rows of a [N, parts*H] matrix as [heads, T, width] views, one per part (queries, keys,
// values).
std::vector<at::Tensor> HeadViews(const at::Tensor& rows, int64_t parts, const Shape& shape) {
  const at::Tensor view = rows.view({rows.size(0), parts, shape.heads, shape.width}).permute({1, 2, 0, 3});
  std::vector<at::Tensor> views;
  for (int64_t i = 0; i < parts; ++i) views.push_back(view.select(0, i));
  return views;
}

// Where a batch's windows begin, and how many of each one's rows are keys (undefined: all).
struct Layout {
  at::Tensor offsets, keys;
};

// Runs body(begin, end, keys) for every window. Windows are dealt out to the threads in turn, so that batches
// sorted by length are shared evenly and a thread's windows do not depend on timing.
template <typename Body>
void ForEachWindow(const Layout& layout, const Body& body) {
  const int64_t windows = layout.offsets.size(0) - 1;
  const auto* at_offset = layout.offsets.const_data_ptr<int64_t>();
  const auto* keys = layout.keys.defined() ? layout.keys.const_data_ptr<int64_t>() : nullptr;
  const int64_t threads = std::min<int64_t>(at::get_num_threads(), windows);
  const auto run = [&](int64_t first, int64_t step) {
    const at::NoGradGuard no_grad;
    for (int64_t i = first; i < windows; i += step) {
      const int64_t rows = at_offset[i + 1] - at_offset[i];
      if (rows > 0) body(at_offset[i], at_offset[i + 1], keys == nullptr ? rows : keys[i]);
    }
  };
  // With one thread's worth of windows the products themselves use all threads.
  if (windows < at::get_num_threads()) return run(0, 1);
  at::parallel_for(0, threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t thread = begin; thread < end; ++thread) run(thread, threads);
  });
}

at::Tensor Probabilities(const at::Tensor& q, const at::Tensor& k, const Shape& shape) {
  at::Tensor scores = at::empty({shape.heads, q.size(1), k.size(1)}, q.options());
  at::baddbmm_out(scores, scores, q, k.transpose(1, 2), 0, shape.scale());
  return at::_softmax(scores, -1, false);
}

// The mask of one window's probabilities; rows are numbered by head and by the query's place in the batch, so
// that the mask of a window does not depend on which thread draws it.
at::Tensor ProbabilityMask(const DropoutKey& key, const at::Tensor& probabilities, int64_t window_begin) {
  const int64_t heads = probabilities.size(0), tokens = probabilities.size(1), keys = probabilities.size(2);
  at::Tensor mask = at::empty({heads, tokens, keys}, probabilities.options().dtype(at::kFloat));
  auto* out = mask.mutable_data_ptr<float>();
  for (int64_t row = 0; row < heads * tokens; ++row) {
    const int64_t head = row / tokens, query = window_begin + row % tokens;
    DropoutMaskRow(key, static_cast<uint64_t>(query * heads + head), keys, out + row * keys);
  }
  return mask.to(probabilities.scalar_type());
}

at::Tensor Forward(const at::Tensor& qkv, const Layout& layout, const Shape& shape,
                   const DropoutKey& dropout) {
  const at::Tensor result = at::empty({qkv.size(0), shape.heads * shape.width}, qkv.options());
  ForEachWindow(layout, [&](int64_t begin, int64_t end, int64_t count) {
    const auto parts = HeadViews(qkv.slice(0, begin, end), 3, shape);
    const at::Tensor keys = parts[1].slice(1, 0, count), values = parts[2].slice(1, 0, count);
    at::Tensor probabilities = Probabilities(parts[0], keys, shape);
    if (dropout.probability > 0) probabilities.mul_(ProbabilityMask(dropout, probabilities, begin));
    HeadViews(result.slice(0, begin, end), 1, shape)[0].copy_(at::bmm(probabilities, values));
  });
  return result;
}

at::Tensor Backward(const at::Tensor& qkv, const at::Tensor& gradient, const Layout& layout,
                    const Shape& shape, const DropoutKey& dropout) {
  const at::Tensor result = at::empty(qkv.sizes(), qkv.options());
  ForEachWindow(layout, [&](int64_t begin, int64_t end, int64_t count) {
    const auto parts = HeadViews(qkv.slice(0, begin, end), 3, shape);
    const at::Tensor keys = parts[1].slice(1, 0, count), values = parts[2].slice(1, 0, count);
    const at::Tensor grad_out = HeadViews(gradient.slice(0, begin, end), 1, shape)[0];
    const auto grads = HeadViews(result.slice(0, begin, end), 3, shape);
    // Rows that are no keys got no attention.
    if (count < end - begin) result.slice(0, begin + count, end).zero_();
    const at::Tensor grad_keys = grads[1].slice(1, 0, count), grad_values = grads[2].slice(1, 0, count);
    const at::Tensor probabilities = Probabilities(parts[0], keys, shape);
    at::Tensor grad_probabilities = at::bmm(grad_out, values.transpose(1, 2));
    if (dropout.probability > 0) {
      const at::Tensor mask = ProbabilityMask(dropout, probabilities, begin);
      grad_values.copy_(at::bmm(at::mul(probabilities, mask).transpose(1, 2), grad_out));
      grad_probabilities.mul_(mask);
    } else {
      grad_values.copy_(at::bmm(probabilities.transpose(1, 2), grad_out));
    }
    const at::Tensor grad_scores =
        at::_softmax_backward_data(grad_probabilities, probabilities, -1, probabilities.scalar_type())
            .mul_(shape.scale());
    grads[0].copy_(at::bmm(grad_scores, keys));
    grad_keys.copy_(at::bmm(grad_scores.transpose(1, 2), parts[0]));
  });
  return result;
}

class AttentionFunction : public torch::autograd::Function<AttentionFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& qkv,
                            const at::Tensor& offsets, const std::optional<at::Tensor>& some_keys,
                            int64_t heads, bool bf16, double probability, int64_t seed) {
    const at::Tensor keys = some_keys.value_or(at::Tensor());
    const at::Tensor cast = qkv.detach().to(bf16 ? at::kBFloat16 : at::kFloat).contiguous();
    context->save_for_backward({cast, offsets, keys});
    context->saved_data["heads"] = heads;
    context->saved_data["probability"] = probability;
    context->saved_data["seed"] = seed;
    context->saved_data["dtype"] = qkv.scalar_type();
    const Shape shape = {heads, qkv.size(1) / 3 / heads};
    const DropoutKey dropout = {probability, static_cast<uint64_t>(seed)};
    return Forward(cast, {offsets, keys}, shape, dropout).to(qkv.scalar_type());
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const int64_t heads = context->saved_data["heads"].toInt();
    const Shape shape = {heads, saved[0].size(1) / 3 / heads};
    const DropoutKey key = {context->saved_data["probability"].toDouble(),
                            static_cast<uint64_t>(context->saved_data["seed"].toInt())};
    const at::Tensor gradient = gradients[0].to(saved[0].scalar_type()).contiguous();
    const at::Tensor result = Backward(saved[0], gradient, {saved[1], saved[2]}, shape, key);
    return {result.to(context->saved_data["dtype"].toScalarType()),
            at::Tensor(),
            at::Tensor(),
            at::Tensor(),
            at::Tensor(),
            at::Tensor(),
            at::Tensor()};
  }
};

}  // namespace

at::Tensor VarlenAttention(const at::Tensor& qkv, const at::Tensor& offsets, int64_t heads,
                           Precision precision, const DropoutKey& dropout, const at::Tensor& keys) {
  if (qkv.size(1) % (3 * heads) != 0) {
    throw Error(ErrorKind::kInternal,
                Cat("attention: ", qkv.size(1), " columns do not split into 3 x ", heads, " heads"));
  }
  // apply takes no undefined tensors.
  const std::optional<at::Tensor> some_keys = keys.defined() ? std::optional(keys) : std::nullopt;
  return AttentionFunction::apply(qkv, offsets, some_keys, heads, precision == Precision::kBf16,
                                  dropout.probability, static_cast<int64_t>(dropout.seed));
}

}  // namespace bv::kernels
