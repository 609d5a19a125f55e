// Predictions for texts, in files: predictions.json {id: label or value}, probabilities.json
// {id: {label: probability}} where there are classes, and predict_results_<task>.txt, the tab-separated index
// and prediction that Hugging Face's GLUE example writes. Writing only; how predictions are made is
// elsewhere.
#pragma once

#include <filesystem>

#include "base/json.h"
#include "data/task.h"
#include "decode/text_logits.h"

namespace bv {

void WriteTextPredictions(const std::filesystem::path& folder, const TaskExamples& examples,
                          const TextPredictions& predictions);

// One example's prediction: {"id", "label", "probabilities"}, or {"id", "value"} of a regression.
OrderedJson TextPredictionJson(const TaskExamples& examples, const TextPredictions& predictions,
                               int64_t example);

}  // namespace bv
