#include "decode/text_collector.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace bv {

TextCollector::TextCollector(const TaskExamples& examples, int64_t systems)
    : examples_(examples), systems_(systems), outputs_(examples.task.outputs()) {}

void TextCollector::Add(int64_t example, int32_t window, std::span<const std::span<const float>> logits) {
  if (static_cast<int64_t>(logits.size()) != systems_ || example < 0 || example >= examples_.size()) {
    throw Error(ErrorKind::kInternal, Cat("a window of example ", example, " with ", logits.size(),
                                          " systems; there are ", examples_.size(), " and ", systems_));
  }
  example_.push_back(static_cast<int32_t>(example));
  window_.push_back(window);
  for (const auto& row : logits) {
    if (static_cast<int64_t>(row.size()) != outputs_)
      throw Error(ErrorKind::kInternal, Cat(row.size(), " logits of a window, needed: ", outputs_));
    logits_.insert(logits_.end(), row.begin(), row.end());
  }
}

TextLogits TextCollector::Logits(int64_t system) const {
  std::vector<size_t> order(window_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return window_[a] < window_[b]; });
  TextLogits result;
  result.outputs = outputs_;
  for (const size_t place : order) {
    const auto begin = logits_.begin() + (static_cast<int64_t>(place) * systems_ + system) * outputs_;
    result.logits.insert(result.logits.end(), begin, begin + outputs_);
    result.example.push_back(example_[place]);
  }
  return result;
}

}  // namespace bv
