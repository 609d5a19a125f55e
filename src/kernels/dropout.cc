#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mul.h>
#include <torch/csrc/autograd/custom_function.h>

#include "base/rng.h"
#include "kernels/kernels.h"
#include "kernels/rows.h"

namespace bv::kernels {
namespace {

at::Tensor Mask(const at::Tensor& x, const DropoutKey& key) {
  const at::Tensor mask =
      at::empty_like(x, x.options().dtype(at::kFloat).requires_grad(false), at::MemoryFormat::Contiguous);
  const int64_t columns = x.size(1);
  auto* out = mask.mutable_data_ptr<float>();
  at::parallel_for(0, x.size(0), 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      DropoutMaskRow(key, static_cast<uint64_t>(row), columns, out + row * columns);
    }
  });
  return mask.to(x.scalar_type());
}

class DropoutFunction : public torch::autograd::Function<DropoutFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                            double probability, int64_t seed) {
    context->saved_data["probability"] = probability;
    context->saved_data["seed"] = seed;
    return at::mul(x, Mask(x, {probability, static_cast<uint64_t>(seed)}));
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const DropoutKey key = {context->saved_data["probability"].toDouble(),
                            static_cast<uint64_t>(context->saved_data["seed"].toInt())};
    return {at::mul(gradients[0], Mask(gradients[0], key)), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

void DropoutMaskRow(const DropoutKey& key, uint64_t row, int64_t n, float* out) {
  const auto row_key = static_cast<uint32_t>(Mix64(key.seed, row));
  const auto keep = static_cast<float>(1.0 / (1.0 - key.probability));
  const auto threshold = static_cast<uint32_t>(key.probability * 4294967296.0);
  KeepRow(row_key, threshold, keep, n, out);
}

at::Tensor Dropout(const at::Tensor& x, const DropoutKey& key) {
  if (key.probability <= 0) return x;
  return DropoutFunction::apply(x, key.probability, static_cast<int64_t>(key.seed));
}

}  // namespace bv::kernels
