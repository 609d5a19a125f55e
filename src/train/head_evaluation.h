// Heads run over a source of states, in its order, without training. Nothing is decoded or scored here.
#pragma once

#include <functional>
#include <vector>

#include "data/task.h"
#include "heads/head.h"
#include "states/state_source.h"

namespace bv {

// logits[i] of head i, f32 on the CPU: [N, 2] for spans, tokens as batch.offsets says, else [B, C]. False
// stops the evaluation.
using VisitLogits = std::function<bool(const StateBatch& batch, const std::vector<at::Tensor>& logits)>;

// One pass over the source for all heads; returns each head's mean loss per window (spans: CE(start) +
// CE(end)) over the windows seen. visit may be empty. Errors: those of the source and of labels outside their
// window.
std::vector<double> EvaluateHeads(StateSource* source, const std::vector<const Head*>& heads, TaskKind kind,
                                  int64_t batch_size, const VisitLogits& visit);

}  // namespace bv
