// Logits of windows of texts, or of questions that are classified, and the predictions that they stand for:
// the counterpart of span_logits.h. Plain values and pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/task.h"

namespace bv {

struct TextLogits {
  int64_t outputs = 1;           // C; 1 for a regression
  std::vector<float> logits;     // [B, C], in the order of the windows
  std::vector<int32_t> example;  // [B]; texts have one window each, questions at least one

  int64_t windows() const { return static_cast<int64_t>(example.size()); }
  std::span<const float> Row(int64_t window) const;
};

struct TextPredictions {
  int64_t outputs = 1;            // C; 1 for a regression
  std::vector<float> logits;      // [examples, C]; of the window that decides
  std::vector<double> values;     // one per example: its class, or the regression's value
  std::vector<double> published;  // answerability: by the published merge; else empty

  std::span<const float> LogitsOf(int64_t example) const;
  // Of the classes.
  std::vector<double> Probabilities(int64_t example) const;
};

// Softmax in f64.
std::vector<double> SoftmaxOf(std::span<const float> logits);

// A question of answerability with several windows is answerable if any window is: of the windows' margins,
// logit of "unanswerable" minus that of "answerable", the least decides. The published merge (spec section G,
// I.27) is the other way round: unanswerable if any window is. Of equal logits the first class counts. Errors
// (kData): an example without a window, logits that are not finite.
TextPredictions DecideTexts(const TaskExamples& examples, const TextLogits& logits);

}  // namespace bv
