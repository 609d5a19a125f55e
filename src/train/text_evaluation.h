// What a system reaches on data of classification, regression or answerability: predictions, scores, files.
// Plain values and functions; the collector is not thread-safe.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "data/task.h"
#include "decode/answer_collector.h"
#include "run/results.h"

namespace bv {

struct TextEvaluation {
  int64_t outputs = 1;              // C; 1 for a regression
  std::vector<float> logits;        // [examples, C]; answerability: of the window that decides
  std::vector<double> predictions;  // one per example: its class, or the value
  Metrics scores;                   // the task's own first; none where the data has no labels
  double loss = 0;                  // mean over windows
  double seconds = 0;
  int64_t windows = 0;
};

// Collects the logits of windows and gives each system's evaluation. A question of answerability with several
// windows is answerable if any window is (of the windows' margins, logit of "unanswerable" minus that of
// "answerable", the least decides). The published merge, unanswerable if any window is, is scored beside it
// as published_accuracy and published_f1 (spec section G, I.27).
class TextCollector {
 public:
  // The examples must outlive the collector.
  TextCollector(const TaskExamples& examples, int64_t systems);

  // logits[i]: C values of system i.
  void Add(const WindowPlaceInData& place, std::span<const std::span<const float>> logits);
  // Errors (kData): an example without a window, logits that are not finite.
  TextEvaluation Evaluate(int64_t system) const;

 private:
  const TaskExamples& examples_;
  int64_t systems_, outputs_;
  std::vector<int32_t> window_example_;
  std::vector<float> window_logits_;  // [windows, systems, C]
};

// The scores of predictions (classes or values, one per example) by the task's metrics: those of GLUE for its
// tasks; accuracy and F1 of the class "unanswerable" for answerability; else accuracy and, over two classes,
// F1 of the second and Matthews, over more the macro F1; Pearson, Spearman and mean squared error for
// regressions. Shares, not per cent, as GLUE's own code has them. Undefined is NaN.
Metrics ScorePredictions(const TaskExamples& examples, std::span<const double> predictions);

// The scores, loss, runtime, samples_per_second.
Metrics EvaluationMetrics(const TextEvaluation& evaluation);

// predictions.json {id: label or value}, probabilities.json {id: {label: probability}} where there are
// classes, predict_results_<task>.txt (index and prediction, as Hugging Face's examples write it).
void WriteTextPredictions(const std::filesystem::path& folder, const TaskExamples& examples,
                          const TextEvaluation& evaluation);

// The predictions, eval_results.json and all_results.json.
void WriteEvaluation(const std::filesystem::path& folder, const TaskExamples& examples,
                     const TextEvaluation& evaluation);

}  // namespace bv
