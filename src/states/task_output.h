// The task's own layer on top of the encoder, as fine-tuning trains it and prediction reads it. Spans: a
// linear layer on every state. Classes and regressions: the pooler on each window's [CLS] state, dropout, a
// linear layer (transformers' BertForSequenceClassification). Safe from any thread.
#pragma once

#include <vector>

#include "bert/weights.h"
#include "states/window_states.h"

namespace bv {

struct TaskOutput {
  std::vector<NamedTensor> layer;  // as BertWeights::output
  Pooler pooler;                   // of classes and regressions

  bool of_spans() const { return layer[0].name.starts_with("qa_outputs."); }
  // last [N, H]: the last state of all windows, any precision; offsets [B + 1] i64. [N, 2] for spans, [B, C]
  // for all others; f32. Differentiable.
  at::Tensor Logits(const at::Tensor& last, const at::Tensor& offsets,
                    const kernels::DropoutKey& dropout = {}) const;
};

// Of weights that have an output; the tensors are the weights' own, so that gradients reach them.
TaskOutput OutputOf(const BertWeights& weights);

}  // namespace bv
