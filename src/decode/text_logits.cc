#include "decode/text_logits.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

enum class Merge { kAnyAnswerable, kAnyUnanswerable };

double Margin(std::span<const float> logits) {
  return logits.size() < 2 ? 0.0 : static_cast<double>(logits[1]) - static_cast<double>(logits[0]);
}

double ValueOf(std::span<const float> logits, bool regression) {
  if (regression) return logits[0];
  return static_cast<double>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

// The window that decides for each example.
std::vector<int64_t> Deciding(const TaskExamples& examples, const TextLogits& logits, Merge merge) {
  std::vector<int64_t> deciding(static_cast<size_t>(examples.size()), -1);
  for (int64_t window = 0; window < logits.windows(); ++window) {
    const int32_t example = logits.example[static_cast<size_t>(window)];
    const auto row = logits.Row(window);
    if (!std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); })) {
      throw Error(ErrorKind::kData,
                  Cat("the logits of example ", Quoted(examples.Id(example)), " are not finite"));
    }
    int64_t& best = deciding[static_cast<size_t>(example)];
    const bool first = best < 0;
    const double change = first ? 0 : Margin(row) - Margin(logits.Row(best));
    if (first || (merge == Merge::kAnyAnswerable ? change < 0 : change > 0)) best = window;
  }
  const auto missing = std::find(deciding.begin(), deciding.end(), -1);
  if (missing != deciding.end()) {
    throw Error(ErrorKind::kData,
                Cat("example ", Quoted(examples.Id(missing - deciding.begin())), " has no window"));
  }
  return deciding;
}

}  // namespace

std::span<const float> TextLogits::Row(int64_t window) const {
  return std::span(logits).subspan(static_cast<size_t>(window * outputs), static_cast<size_t>(outputs));
}

std::span<const float> TextPredictions::LogitsOf(int64_t example) const {
  return std::span(logits).subspan(static_cast<size_t>(example * outputs), static_cast<size_t>(outputs));
}

std::vector<double> TextPredictions::Probabilities(int64_t example) const {
  return SoftmaxOf(LogitsOf(example));
}

std::vector<double> SoftmaxOf(std::span<const float> logits) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> shares;
  shares.reserve(logits.size());
  for (const float logit : logits) shares.push_back(std::exp(logit - largest));
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

TextPredictions DecideTexts(const TaskExamples& examples, const TextLogits& logits) {
  const bool regression = examples.task.kind == TaskKind::kRegression;
  TextPredictions predictions;
  predictions.outputs = logits.outputs;
  for (const int64_t window : Deciding(examples, logits, Merge::kAnyAnswerable)) {
    const auto row = logits.Row(window);
    predictions.values.push_back(ValueOf(row, regression));
    predictions.logits.insert(predictions.logits.end(), row.begin(), row.end());
  }
  if (examples.task.kind != TaskKind::kAnswerability) return predictions;
  for (const int64_t window : Deciding(examples, logits, Merge::kAnyUnanswerable))
    predictions.published.push_back(ValueOf(logits.Row(window), false));
  return predictions;
}

}  // namespace bv
