// What a span system (a fine-tuned backbone or a head) reaches on data: answers, official scores, loss. The
// files of it are written here too, the same for every system.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "bert/weights.h"
#include "data/squad.h"
#include "decode/answer_collector.h"
#include "features/windows.h"
#include "logits/logits_file.h"
#include "run/results.h"

namespace bv {

struct SpanEvaluation {
  SpanLogits logits;                   // what the answers were decoded from,
  DecodeOptions decode;                // and how
  std::vector<DecodedAnswer> answers;  // one per example of the data
  std::optional<SquadScores> scores;   // if the data has gold answers
  double loss = 0;                     // mean over windows of (CE(start) + CE(end)) / 2
  double seconds = 0;
  int64_t windows = 0;
};

// How answers are made and scored.
struct SpanEvaluationOptions {
  DecodeOptions decode;
  int threads = 1;
};

// Decodes and scores one system of the collector; allow_no_answer follows the data.
SpanEvaluation MakeEvaluation(const QaData& data, const AnswerCollector& collector, int64_t system,
                              const SpanEvaluationOptions& options);

// Runs a fine-tuned backbone (with a span output) over the windows in fp32 or bf16 and evaluates it. `report`
// gets the windows done and may be empty; when it returns false Error(kInterrupted) is thrown.
SpanEvaluation EvaluateBackbone(const BertWeights& weights, const QaData& data,
                                const std::vector<Window>& windows, const SpanEvaluationOptions& options,
                                bool bf16, const std::function<bool(int64_t windows)>& report);

// Named values for results files and histories: exact, f1, HasAns_*, NoAns_*, best_* (or exact_match, f1 for
// data of SQuAD 1.1), loss, runtime, samples_per_second.
Metrics EvaluationMetrics(const SpanEvaluation& evaluation);

// logits.safetensors, predictions.json, nbest_predictions.json, null_odds.json, eval_results.json and
// all_results.json. windows: how the evaluated windows were cut.
void WriteEvaluation(const std::filesystem::path& folder, const QaData& data,
                     const SpanEvaluation& evaluation, const LogitsWindows& windows);

}  // namespace bv
