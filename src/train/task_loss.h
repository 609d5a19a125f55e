// What the windows of a batch are to be told as, and the loss of any task: cross-entropy of start and end for
// spans (span_loss.h), cross-entropy over the classes, squared error for a regression (spec section F6). Used
// by heads and backbones alike. Safe from any thread.
#pragma once

#include <span>

#include "data/task.h"
#include "features/windows.h"
#include "states/state_source.h"
#include "train/span_loss.h"

namespace bv {

// Made once per batch, shared by all heads.
struct TaskTargets {
  TaskKind kind = TaskKind::kSpan;
  int64_t windows = 0;
  SpanTargets spans;  // of spans
  at::Tensor target;  // of all others: [B] i64 classes, or f32 values of a regression
};

// Errors (kData): labels outside their window, or none where the task needs them.
TaskTargets MakeTaskTargets(TaskKind kind, const StateBatch& batch, const at::Device& device);
// offsets as PackWindows made them of the same windows; targets: one per window, or none (spans). On the CPU.
TaskTargets MakeTaskTargets(TaskKind kind, const at::Tensor& offsets, std::span<const Window* const> windows,
                            std::span<const float> targets);

// logits f32: [N, 2] for spans, [B, C] for classes, [B, 1] for a regression. The mean over windows, a scalar.
// Differentiable. The reduction is that of spans; kSum changes nothing for other tasks.
at::Tensor TaskLoss(const at::Tensor& logits, const TaskTargets& targets, SpanReduction reduction);

// TaskLoss as it is compared and shown: for spans the mean of start and end, whatever was minimised.
double ComparableLoss(double loss, TaskKind kind, SpanReduction reduction);

}  // namespace bv
