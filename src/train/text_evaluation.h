// What a system reaches on data of classification, regression or answerability: predictions, scores, loss;
// the files of it are written here too. Plain values and functions.
#pragma once

#include <filesystem>

#include "decode/text_logits.h"
#include "logits/text_logits_file.h"
#include "run/results.h"

namespace bv {

struct TextEvaluation {
  TextLogits logits;  // what the predictions were made of
  TextPredictions predictions;
  Metrics scores;   // the task's own first; none where the data has no labels
  double loss = 0;  // mean over windows
  double seconds = 0;
  int64_t windows = 0;
};

// Decides by the logits, and scores where the data has labels. For answerability the published merge is
// scored beside the right one, as published_accuracy and published_f1.
TextEvaluation MakeTextEvaluation(const TaskExamples& examples, TextLogits logits);

// The scores, loss, runtime, samples_per_second.
Metrics EvaluationMetrics(const TextEvaluation& evaluation);

// logits.safetensors, the files of the predictions, eval_results.json and all_results.json. windows: how the
// evaluated windows were cut.
void WriteEvaluation(const std::filesystem::path& folder, const TaskExamples& examples,
                     const TextEvaluation& evaluation, const LogitsWindows& windows);

}  // namespace bv
