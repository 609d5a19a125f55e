// The task's own layer on top of the encoder: what fine-tuning trains beside it and what its evaluation
// reads. Spans: a linear layer on every state. Classes and regression: the pooler on each window's [CLS],
// dropout, a linear layer (BertForSequenceClassification). Free functions, safe from any thread.
#pragma once

#include "bert/weights.h"
#include "kernels/kernels.h"

namespace bv {

// last [N, H]: the last state of all windows, any precision; offsets [B + 1] i64. weights have an output
// layer. [N, 2] for spans, [B, C] for all others; f32. Differentiable.
at::Tensor OutputLogits(const BertWeights& weights, const at::Tensor& last, const at::Tensor& offsets,
                        const kernels::DropoutKey& dropout = {});

}  // namespace bv
