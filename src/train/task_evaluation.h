// What a system (a fine-tuned backbone or a head) reaches on data of any task. Logits of windows go in as
// they are computed, an evaluation comes out, and its files are written; spans are handed on to
// span_evaluation.h, everything else to text_evaluation.h. Not thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <variant>
#include <vector>

#include "base/precision.h"
#include "bert/weights.h"
#include "decode/text_collector.h"
#include "features/task_windows.h"
#include "train/span_evaluation.h"
#include "train/text_evaluation.h"

namespace bv {

using TaskEvaluation = std::variant<SpanEvaluation, TextEvaluation>;

class TaskCollector {
 public:
  // The examples must outlive the collector.
  TaskCollector(const TaskExamples& examples, int64_t systems);

  // One window of all systems, in any order of windows. logits[i]: of system i, two for each piece (spans) or
  // one for each class. ranges and ids, one per piece, count for spans alone.
  void Add(const WindowPlaceInData& place, std::span<const ByteRange> ranges,
           std::span<const std::span<const float>> logits, std::span<const int32_t> ids);
  // Of all windows added; loss, seconds and windows are the caller's to fill in.
  TaskEvaluation Evaluate(int64_t system, const SpanEvaluationOptions& options) const;

 private:
  const TaskExamples& examples_;
  AnswerCollector spans_;
  TextCollector texts_;
};

// Runs a fine-tuned backbone over the windows and evaluates it. `report` gets the windows
// done and may be empty; when it returns false Error(kInterrupted) is thrown.
TaskEvaluation EvaluateBackbone(const BertWeights& weights, const TaskExamples& examples,
                                const TaskWindows& windows, const SpanEvaluationOptions& options,
                                Precision precision, const std::function<bool(int64_t windows)>& report);

// What every evaluation has. loss: mean over windows, as ComparableLoss.
void SetCost(TaskEvaluation* evaluation, double loss, double seconds, int64_t windows);

// Named values for results files and histories: the task's scores, loss, runtime, samples_per_second.
Metrics EvaluationMetrics(const TaskEvaluation& evaluation);

// The files of spans or of texts, eval_results.json and all_results.json.
// windows: how the evaluated windows were cut.
void WriteEvaluation(const std::filesystem::path& folder, const TaskExamples& examples,
                     const TaskEvaluation& evaluation, const LogitsWindows& windows);

}  // namespace bv
