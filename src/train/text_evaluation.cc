#include "train/text_evaluation.h"

#include <utility>

#include "metrics/task_scores.h"
#include "run/text_predictions.h"

namespace bv {

TextEvaluation MakeTextEvaluation(const TaskExamples& examples, TextLogits logits) {
  TextEvaluation evaluation;
  evaluation.predictions = DecideTexts(examples, logits);
  evaluation.logits = std::move(logits);
  if (!examples.labelled()) return evaluation;
  evaluation.scores = ScorePredictions(examples, evaluation.predictions.values);
  if (examples.task.kind != TaskKind::kAnswerability) return evaluation;
  for (const auto& [name, value] : ScorePredictions(examples, evaluation.predictions.published))
    evaluation.scores.emplace_back("published_" + name, value);
  return evaluation;
}

Metrics EvaluationMetrics(const TextEvaluation& evaluation) {
  Metrics metrics = evaluation.scores;
  metrics.emplace_back("loss", evaluation.loss);
  metrics.emplace_back("runtime", evaluation.seconds);
  metrics.emplace_back("samples_per_second", static_cast<double>(evaluation.windows) / evaluation.seconds);
  return metrics;
}

void WriteEvaluation(const std::filesystem::path& folder, const TaskExamples& examples,
                     const TextEvaluation& evaluation, const LogitsWindows& windows) {
  WriteTextLogits(folder, examples, evaluation.logits, windows);
  WriteTextPredictions(folder, examples, evaluation.predictions);
  WriteResults(folder, "eval", EvaluationMetrics(evaluation));
}

}  // namespace bv
