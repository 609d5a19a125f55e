#include "train/task_evaluation.h"

#include <ATen/core/grad_mode.h>

#include <chrono>

#include "base/error.h"
#include "bert/inference_encoder.h"
#include "states/task_output.h"
#include "train/task_loss.h"

namespace bv {
namespace {

constexpr int64_t kBatchTokens = 4096;

std::span<const float> Floats(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<float>(), static_cast<size_t>(tensor.numel())};
}

// A batch's windows with their targets.
struct Chosen {
  std::vector<const Window*> windows;
  std::vector<float> targets;
};

Chosen Choose(const TaskWindows& all, const std::vector<int64_t>& numbers) {
  Chosen chosen;
  for (const int64_t number : numbers) {
    chosen.windows.push_back(&all.windows[static_cast<size_t>(number)]);
    if (!all.targets.empty()) chosen.targets.push_back(all.targets[static_cast<size_t>(number)]);
  }
  return chosen;
}

// Without labels there is no loss to be told; spans always have labels, if only [CLS].
double LossSum(const at::Tensor& logits, const at::Tensor& offsets, TaskKind kind, const Chosen& chosen) {
  if (kind != TaskKind::kSpan && chosen.targets.empty()) return 0;
  const TaskTargets targets = MakeTaskTargets(kind, offsets, chosen.windows, chosen.targets);
  return TaskLoss(logits, targets, SpanReduction::kMean).item<double>() *
         static_cast<double>(chosen.windows.size());
}

}  // namespace

TaskCollector::TaskCollector(const TaskExamples& examples, int64_t systems)
    : examples_(examples), spans_(examples.questions, systems), texts_(examples, systems) {}

void TaskCollector::Add(const WindowPlaceInData& place, std::span<const ByteRange> ranges,
                        std::span<const std::span<const float>> logits, std::span<const int32_t> ids) {
  if (examples_.task.of_spans()) {
    spans_.Add(place, ranges, logits, ids);
  } else {
    texts_.Add(place.example, place.number, logits);
  }
}

TaskEvaluation TaskCollector::Evaluate(int64_t system, const SpanEvaluationOptions& options) const {
  if (examples_.task.of_spans()) return MakeEvaluation(examples_.questions, spans_, system, options);
  return MakeTextEvaluation(examples_, texts_.Logits(system));
}

TaskEvaluation EvaluateBackbone(const BertWeights& weights, const TaskExamples& examples,
                                const TaskWindows& windows, const SpanEvaluationOptions& options,
                                Precision precision, const std::function<bool(int64_t windows)>& report) {
  const at::NoGradGuard no_grad;
  const auto begin = std::chrono::steady_clock::now();
  const InferenceEncoder encoder(weights, precision);
  const std::vector<int32_t> last_layer = {static_cast<int32_t>(weights.config.num_layers)};
  const TaskKind kind = examples.task.kind;
  const TaskOutput output = OutputOf(weights);
  TaskCollector collector(examples, 1);
  double loss_sum = 0;
  int64_t done = 0;
  for (const auto& numbers : BatchesByLength(windows.windows, kBatchTokens)) {
    const Chosen chosen = Choose(windows, numbers);
    const PackedTokens tokens = PackWindows(chosen.windows);
    const at::Tensor last = encoder.States(tokens, last_layer).select(1, 0);
    const at::Tensor logits = output.Logits(last, tokens.offsets).contiguous();
    loss_sum += LossSum(logits, tokens.offsets, kind, chosen);
    const auto* offsets = tokens.offsets.const_data_ptr<int64_t>();
    for (size_t i = 0; i < numbers.size(); ++i) {
      const Window& window = *chosen.windows[i];
      const auto row = static_cast<int64_t>(i);
      const at::Tensor rows = kind == TaskKind::kSpan ? logits.slice(0, offsets[i], offsets[i + 1])
                                                      : logits.slice(0, row, row + 1);
      const std::span<const float> one[] = {Floats(rows)};
      collector.Add(
          {window.example, static_cast<int32_t>(numbers[i]), window.context_begin, window.context_end},
          window.ranges, one, window.ids);
    }
    done += static_cast<int64_t>(numbers.size());
    if (report && !report(done)) throw Error(ErrorKind::kInterrupted, "stopped during evaluation");
  }
  TaskEvaluation evaluation = collector.Evaluate(0, options);
  const auto count = static_cast<int64_t>(windows.windows.size());
  SetCost(&evaluation, count == 0 ? 0 : loss_sum / static_cast<double>(count),
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), count);
  return evaluation;
}

void SetCost(TaskEvaluation* evaluation, double loss, double seconds, int64_t windows) {
  std::visit(
      [&](auto& one) {
        one.loss = loss;
        one.seconds = seconds;
        one.windows = windows;
      },
      *evaluation);
}

Metrics EvaluationMetrics(const TaskEvaluation& evaluation) {
  return std::visit([](const auto& one) { return EvaluationMetrics(one); }, evaluation);
}

void WriteEvaluation(const std::filesystem::path& folder, const TaskExamples& examples,
                     const TaskEvaluation& evaluation, const LogitsWindows& windows) {
  if (const auto* spans = std::get_if<SpanEvaluation>(&evaluation)) {
    WriteEvaluation(folder, examples.questions, *spans, windows);
  } else {
    WriteEvaluation(folder, examples, std::get<TextEvaluation>(evaluation), windows);
  }
}

}  // namespace bv
