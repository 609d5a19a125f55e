#include "states/task_output.h"

#include <ATen/ops/index_select.h>
#include <ATen/ops/linear.h>

namespace bv {

at::Tensor TaskOutput::Logits(const at::Tensor& last, const at::Tensor& offsets,
                              const kernels::DropoutKey& dropout) const {
  const at::Tensor &weight = layer[0].tensor, &bias = layer[1].tensor;
  if (of_spans()) return at::linear(last.to(at::kFloat), weight, bias);
  const at::Tensor cls = at::index_select(last, 0, offsets.slice(0, 0, -1));
  return at::linear(kernels::Dropout(pooler(cls), dropout), weight, bias);
}

TaskOutput OutputOf(const BertWeights& weights) {
  TaskOutput output = {weights.output, {}};
  if (weights.has_class_output()) output.pooler = {weights.pooler[0].tensor, weights.pooler[1].tensor};
  return output;
}

}  // namespace bv
