// What a span system (a fine-tuned backbone or a head) reaches on data: answers, official scores, loss. The
// files of it are written here too, the same for every system.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "data/squad.h"
#include "decode/answer_collector.h"
#include "logits/logits_file.h"
#include "run/results.h"

namespace bv {

struct SpanEvaluation {
  SpanLogits logits;                   // what the answers were decoded from,
  DecodeOptions decode;                // and how
  std::vector<DecodedAnswer> answers;  // one per example of the data
  std::optional<SquadScores> scores;   // if the data has gold answers
  std::optional<PieceScores> pieces;   // the study's own, if its decoder made the answers
  double loss = 0;                     // mean over windows of (CE(start) + CE(end)) / 2
  double seconds = 0;
  int64_t windows = 0;
};

// How answers are made and scored.
struct SpanEvaluationOptions {
  DecodeOptions decode;
  int threads = 1;
  const Tokenizer* tokenizer = nullptr;  // for scores of pieces; null: there are none
};

// Decodes and scores one system of the collector; allow_no_answer follows the data.
SpanEvaluation MakeEvaluation(const QaData& data, const AnswerCollector& collector, int64_t system,
                              const SpanEvaluationOptions& options);

// Named values for results files and histories: exact, f1, HasAns_*, NoAns_*, best_* (or exact_match, f1 for
// data of SQuAD 1.1), those of PieceMetrics, loss, runtime, samples_per_second.
Metrics EvaluationMetrics(const SpanEvaluation& evaluation);

// logits.safetensors, predictions.json, nbest_predictions.json, null_odds.json, eval_results.json and
// all_results.json. windows: how the evaluated windows were cut.
void WriteEvaluation(const std::filesystem::path& folder, const QaData& data,
                     const SpanEvaluation& evaluation, const LogitsWindows& windows);

}  // namespace bv
