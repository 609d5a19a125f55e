#include "train/span_evaluation.h"

#include "run/predictions.h"

namespace bv {

SpanEvaluation MakeEvaluation(const QaData& data, const AnswerCollector& collector, int64_t system,
                              const SpanEvaluationOptions& options) {
  DecodeOptions decode = options.decode;
  decode.allow_no_answer = data.has_impossible;
  SpanEvaluation evaluation;
  evaluation.decode = decode;
  evaluation.logits = collector.Logits(system);
  evaluation.answers = DecodeSpans(data, evaluation.logits, decode, options.threads);
  if (!data.has_answers) return evaluation;
  evaluation.scores = ScoreAnswers(data, evaluation.answers, decode.null_threshold);
  if (decode.of_paper() && options.tokenizer != nullptr)
    evaluation.pieces = ScoreAnswerPieces(data, *options.tokenizer, evaluation.answers);
  return evaluation;
}

Metrics EvaluationMetrics(const SpanEvaluation& evaluation) {
  Metrics metrics;
  if (evaluation.scores) {
    const OrderedJson official = OfficialJson(*evaluation.scores);
    for (const auto& [key, value] : official.items()) metrics.emplace_back(key, value.get<double>());
  }
  if (evaluation.pieces) {
    const auto pieces = PieceMetrics(*evaluation.pieces);
    metrics.insert(metrics.end(), pieces.begin(), pieces.end());
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
