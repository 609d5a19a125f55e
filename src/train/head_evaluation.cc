#include "train/head_evaluation.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "train/task_loss.h"

namespace bv {

std::vector<double> EvaluateHeads(StateSource* source, const std::vector<const Head*>& heads, TaskKind kind,
                                  int64_t batch_size, const VisitLogits& visit) {
  at::NoGradGuard no_grad;
  std::vector<double> losses(heads.size(), 0);
  int64_t windows = 0;
  EpochRequest request;
  request.batch_size = batch_size;
  source->StartEpoch(request);
  StateBatch batch;
  while (source->Next(&batch)) {
    const TaskTargets targets = MakeTaskTargets(kind, batch, at::kCPU);
    std::vector<at::Tensor> logits;
    for (size_t i = 0; i < heads.size(); ++i) {
      const at::Device device = heads[i]->parameters().front().tensor.device();
      logits.push_back(heads[i]->Forward(batch.states.to(device), batch.offsets).cpu());
      const double loss = TaskLoss(logits.back(), targets, SpanReduction::kSum).item<double>();
      losses[i] += loss * static_cast<double>(targets.windows);
    }
    windows += targets.windows;
    if (visit && !visit(batch, logits)) break;
  }
  for (double& loss : losses) loss /= static_cast<double>(std::max<int64_t>(1, windows));
  return losses;
}

}  // namespace bv
