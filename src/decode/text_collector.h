// From logits of windows to predictions for texts and for the answerability of questions: the counterpart of
// answer_collector.h. The collector is not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/task.h"

namespace bv {

struct TextPredictions {
  int64_t outputs = 1;            // C; 1 for a regression
  std::vector<float> logits;      // [examples, C]; of the window that decides
  std::vector<double> values;     // one per example: its class, or the regression's value
  std::vector<double> published;  // answerability: by the published merge; else empty

  std::span<const float> LogitsOf(int64_t example) const;
  // Of the classes.
  std::vector<double> Probabilities(int64_t example) const;
};

// A question of answerability with several windows is answerable if any window is: of the windows' margins,
// logit of "unanswerable" minus that of "answerable", the least decides. The published merge (spec section G,
// I.27) is the other way round: unanswerable if any window is.
class TextCollector {
 public:
  // The examples must outlive the collector.
  TextCollector(const TaskExamples& examples, int64_t systems);

  // One window of an example, in any order; logits[i]: C values of system i. Errors (kInternal): other
  // numbers.
  void Add(int64_t example, std::span<const std::span<const float>> logits);
  // Errors (kData): an example without a window, logits that are not finite.
  TextPredictions Predictions(int64_t system) const;

 private:
  enum class Merge { kAnyAnswerable, kAnyUnanswerable };
  std::span<const float> Row(int64_t window, int64_t system) const;
  // The window that decides for each example.
  std::vector<int64_t> Deciding(int64_t system, Merge merge) const;

  const TaskExamples& examples_;
  int64_t systems_, outputs_;
  std::vector<int64_t> window_example_;
  std::vector<float> window_logits_;  // [windows, systems, C]
};

}  // namespace bv
