// How a run's system is loaded. A plain value; no torch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "features/windows.h"

namespace bv {

// What a user may set apart from what the runs say of themselves.
struct SystemOptions {
  std::string model;  // a backbone instead of the runs' own; empty: their own
  bool allow_other_backbone = false;
  // "run": as the run was evaluated (fp32 for a model without a run); or "auto", "fp32", "bf16", "int8".
  std::string precision = "run";
  // Of the windows; else as the run had them, or, by another rule than the run's, that rule's defaults. Heads
  // stay with the rule and padding of their states.
  std::optional<WindowRule> rule;
  std::optional<int32_t> max_length, doc_stride, advance, question_limit, pad_to;
};

}  // namespace bv
