#include "train/task_output.h"

#include <ATen/ops/index_select.h>
#include <ATen/ops/linear.h>

#include "states/window_states.h"

namespace bv {

at::Tensor OutputLogits(const BertWeights& weights, const at::Tensor& last, const at::Tensor& offsets,
                        const kernels::DropoutKey& dropout) {
  const at::Tensor &weight = weights.output[0].tensor, &bias = weights.output[1].tensor;
  if (weights.has_span_output()) return at::linear(last.to(at::kFloat), weight, bias);
  const at::Tensor cls = at::index_select(last, 0, offsets.slice(0, 0, -1));
  const Pooler pooler = {weights.pooler[0].tensor, weights.pooler[1].tensor};
  return at::linear(kernels::Dropout(pooler(cls), dropout), weight, bias);
}

}  // namespace bv
