#include "decode/text_collector.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

double Margin(std::span<const float> logits) {
  return logits.size() < 2 ? 0.0 : static_cast<double>(logits[1]) - static_cast<double>(logits[0]);
}

// The first of equal logits.
double ValueOf(std::span<const float> logits, bool regression) {
  if (regression) return logits[0];
  return static_cast<double>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

}  // namespace

std::span<const float> TextPredictions::LogitsOf(int64_t example) const {
  return std::span(logits).subspan(static_cast<size_t>(example * outputs), static_cast<size_t>(outputs));
}

std::vector<double> TextPredictions::Probabilities(int64_t example) const {
  const auto row = LogitsOf(example);
  const double largest = *std::max_element(row.begin(), row.end());
  std::vector<double> shares;
  shares.reserve(row.size());
  for (const float logit : row) shares.push_back(std::exp(logit - largest));
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

TextCollector::TextCollector(const TaskExamples& examples, int64_t systems)
    : examples_(examples), systems_(systems), outputs_(examples.task.outputs()) {}

void TextCollector::Add(int64_t example, std::span<const std::span<const float>> logits) {
  if (static_cast<int64_t>(logits.size()) != systems_ || example < 0 || example >= examples_.size()) {
    throw Error(ErrorKind::kInternal, Cat("a window of example ", example, " with ", logits.size(),
                                          " systems; there are ", examples_.size(), " and ", systems_));
  }
  window_example_.push_back(example);
  for (const auto& row : logits) {
    if (static_cast<int64_t>(row.size()) != outputs_)
      throw Error(ErrorKind::kInternal, Cat(row.size(), " logits of a window, needed: ", outputs_));
    window_logits_.insert(window_logits_.end(), row.begin(), row.end());
  }
}

std::span<const float> TextCollector::Row(int64_t window, int64_t system) const {
  return std::span(window_logits_)
      .subspan(static_cast<size_t>((window * systems_ + system) * outputs_), static_cast<size_t>(outputs_));
}

std::vector<int64_t> TextCollector::Deciding(int64_t system, Merge merge) const {
  std::vector<int64_t> deciding(static_cast<size_t>(examples_.size()), -1);
  for (int64_t window = 0; window < static_cast<int64_t>(window_example_.size()); ++window) {
    const auto row = Row(window, system);
    if (!std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); })) {
      const std::string& id = examples_.Id(window_example_[static_cast<size_t>(window)]);
      throw Error(ErrorKind::kData, Cat("the logits of example ", Quoted(id), " are not finite"));
    }
    int64_t& best = deciding[static_cast<size_t>(window_example_[static_cast<size_t>(window)])];
    const bool first = best < 0;
    const double change = first ? 0 : Margin(row) - Margin(Row(best, system));
    if (first || (merge == Merge::kAnyAnswerable ? change < 0 : change > 0)) best = window;
  }
  const auto missing = std::find(deciding.begin(), deciding.end(), -1);
  if (missing != deciding.end()) {
    throw Error(ErrorKind::kData,
                Cat("example ", Quoted(examples_.Id(missing - deciding.begin())), " has no window"));
  }
  return deciding;
}

TextPredictions TextCollector::Predictions(int64_t system) const {
  const bool regression = examples_.task.kind == TaskKind::kRegression;
  TextPredictions predictions;
  predictions.outputs = outputs_;
  for (const int64_t window : Deciding(system, Merge::kAnyAnswerable)) {
    const auto row = Row(window, system);
    predictions.values.push_back(ValueOf(row, regression));
    predictions.logits.insert(predictions.logits.end(), row.begin(), row.end());
  }
  if (examples_.task.kind != TaskKind::kAnswerability) return predictions;
  for (const int64_t window : Deciding(system, Merge::kAnyUnanswerable))
    predictions.published.push_back(ValueOf(Row(window, system), false));
  return predictions;
}

}  // namespace bv
