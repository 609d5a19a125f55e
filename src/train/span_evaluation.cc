#include "train/span_evaluation.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/linear.h>

#include <chrono>

#include "base/error.h"
#include "bert/encoder.h"
#include "run/predictions.h"
#include "states/window_states.h"
#include "train/span_loss.h"
#include "train/span_targets.h"

namespace bv {
namespace {

constexpr int64_t kBatchTokens = 4096;

std::span<const float> Floats(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<float>(), static_cast<size_t>(tensor.numel())};
}

}  // namespace

SpanEvaluation MakeEvaluation(const QaData& data, const AnswerCollector& collector, int64_t system,
                              const SpanEvaluationOptions& options) {
  DecodeOptions decode = options.decode;
  decode.allow_no_answer = data.has_impossible;
  SpanEvaluation evaluation;
  evaluation.decode = decode;
  evaluation.logits = collector.Logits(system);
  evaluation.answers = DecodeSpans(data, evaluation.logits, decode, options.threads);
  if (data.has_answers) evaluation.scores = ScoreAnswers(data, evaluation.answers, decode.null_threshold);
  return evaluation;
}

SpanEvaluation EvaluateBackbone(const BertWeights& weights, const QaData& data,
                                const std::vector<Window>& windows, const SpanEvaluationOptions& options,
                                bool bf16, const std::function<bool(int64_t windows)>& report) {
  const at::NoGradGuard no_grad;
  const auto begin = std::chrono::steady_clock::now();
  const auto encoder =
      Encoder::ForInference(weights, bf16 ? kernels::Precision::kBf16 : kernels::Precision::kFp32);
  const at::Tensor weight = weights.output[0].tensor.detach(), bias = weights.output[1].tensor.detach();
  AnswerCollector collector(data, 1);
  double loss_sum = 0;
  int64_t done = 0;
  for (const auto& numbers : BatchesByLength(windows, kBatchTokens)) {
    std::vector<const Window*> chosen;
    for (const int64_t number : numbers) chosen.push_back(&windows[static_cast<size_t>(number)]);
    const PackedTokens tokens = PackWindows(chosen);
    at::Tensor last;
    encoder.Forward(tokens, [&](int64_t, const at::Tensor& state) { last = state; });
    const at::Tensor logits = at::linear(last.to(at::kFloat), weight, bias).contiguous();
    const auto count = static_cast<int64_t>(numbers.size());
    loss_sum += SpanLoss(logits, TargetsOf(tokens.offsets, chosen), SpanReduction::kMean).item<double>() *
                static_cast<double>(count);
    const auto* offsets = tokens.offsets.const_data_ptr<int64_t>();
    for (int64_t i = 0; i < count; ++i) {
      const Window& window = *chosen[static_cast<size_t>(i)];
      const at::Tensor rows = logits.slice(0, offsets[i], offsets[i + 1]);
      const std::span<const float> one[] = {Floats(rows)};
      collector.Add({window.example, static_cast<int32_t>(numbers[static_cast<size_t>(i)]),
                     window.context_begin, window.context_end},
                    window.ranges, one);
    }
    done += count;
    if (report && !report(done)) throw Error(ErrorKind::kInterrupted, "stopped during evaluation");
  }
  SpanEvaluation evaluation = MakeEvaluation(data, collector, 0, options);
  evaluation.windows = static_cast<int64_t>(windows.size());
  evaluation.loss = windows.empty() ? 0 : loss_sum / static_cast<double>(windows.size());
  evaluation.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return evaluation;
}

Metrics EvaluationMetrics(const SpanEvaluation& evaluation) {
  Metrics metrics;
  if (evaluation.scores) {
    const OrderedJson official = OfficialJson(*evaluation.scores);
    for (const auto& [key, value] : official.items()) metrics.emplace_back(key, value.get<double>());
  }
  metrics.emplace_back("loss", evaluation.loss);
  metrics.emplace_back("runtime", evaluation.seconds);
  metrics.emplace_back("samples_per_second", static_cast<double>(evaluation.windows) / evaluation.seconds);
  return metrics;
}

void WriteEvaluation(const std::filesystem::path& folder, const QaData& data,
                     const SpanEvaluation& evaluation, const LogitsWindows& windows) {
  WriteLogits(folder, evaluation.logits, OriginOf(data, windows), evaluation.decode);
  WritePredictions(folder, data, evaluation.answers);
  WriteResults(folder, "eval", EvaluationMetrics(evaluation));
}

}  // namespace bv
