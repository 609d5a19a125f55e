#include "train/task_loss.h"

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mse_loss.h>

#include <algorithm>

#include "base/error.h"

namespace bv {
namespace {

at::Tensor TargetTensor(TaskKind kind, const at::Tensor& target, const at::Device& device) {
  if (!target.defined()) {
    throw Error(ErrorKind::kData, "these windows have no labels, which training and scoring need");
  }
  return target.to(device, kind == TaskKind::kRegression ? at::kFloat : at::kLong);
}

}  // namespace

TaskTargets MakeTaskTargets(TaskKind kind, const StateBatch& batch, const at::Device& device) {
  TaskTargets targets;
  targets.kind = kind;
  targets.windows = batch.offsets.size(0) - 1;
  if (kind == TaskKind::kSpan) {
    targets.spans = MakeSpanTargets(batch.offsets, batch.start, batch.end, device);
  } else {
    targets.target = TargetTensor(kind, batch.target, device);
  }
  return targets;
}

TaskTargets MakeTaskTargets(TaskKind kind, const at::Tensor& offsets, std::span<const Window* const> windows,
                            std::span<const float> targets) {
  const auto count = static_cast<int64_t>(windows.size());
  StateBatch batch;
  batch.offsets = offsets;
  batch.start = at::empty({count}, at::kLong);
  batch.end = at::empty({count}, at::kLong);
  for (int64_t i = 0; i < count; ++i) {
    batch.start.mutable_data_ptr<int64_t>()[i] = windows[static_cast<size_t>(i)]->start;
    batch.end.mutable_data_ptr<int64_t>()[i] = windows[static_cast<size_t>(i)]->end;
  }
  if (!targets.empty()) {
    batch.target = at::empty({count}, at::kFloat);
    std::copy(targets.begin(), targets.end(), batch.target.mutable_data_ptr<float>());
  }
  return MakeTaskTargets(kind, batch, at::kCPU);
}

at::Tensor TaskLoss(const at::Tensor& logits, const TaskTargets& targets, SpanReduction reduction) {
  switch (targets.kind) {
    case TaskKind::kSpan:
      return SpanLoss(logits, targets.spans, reduction);
    case TaskKind::kRegression:
      return at::mse_loss(logits.squeeze(1), targets.target);
    case TaskKind::kAnswerability:
    case TaskKind::kClassification:
      break;
  }
  return at::cross_entropy_loss(logits, targets.target);
}

double ComparableLoss(double loss, TaskKind kind, SpanReduction reduction) {
  return kind == TaskKind::kSpan && reduction == SpanReduction::kSum ? loss / 2 : loss;
}

}  // namespace bv
