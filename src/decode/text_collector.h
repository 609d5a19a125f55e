// Gathers the logits of windows of texts as they are computed: the counterpart of answer_collector.h. What
// they stand for is text_logits.h's. The collector is not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decode/text_logits.h"

namespace bv {

class TextCollector {
 public:
  // The examples must outlive the collector.
  TextCollector(const TaskExamples& examples, int64_t systems);

  // One window of an example, in any order; `window`: its number among all. logits[i]: C values of system i.
  // Errors (kInternal): other numbers.
  void Add(int64_t example, int32_t window, std::span<const std::span<const float>> logits);
  // Of all windows added, by their numbers.
  TextLogits Logits(int64_t system) const;

 private:
  const TaskExamples& examples_;
  int64_t systems_, outputs_;
  std::vector<int32_t> example_, window_;  // of each window added
  std::vector<float> logits_;              // [windows, systems, C]
};

}  // namespace bv
