// Learning-rate schedules: a pure function of the step number, so that a resumed run needs no state. Not an
// optimiser: the trainers multiply the base rate by the factor and hand the product to Adam::Step.
#pragma once

#include <algorithm>
#include <cstdint>

namespace bv {

enum class ScheduleKind {
  kConstant,     // linear warm-up, then the full rate
  kLinearDecay,  // linear warm-up, then linear decay to 0 at total_steps
};

struct Schedule {
  ScheduleKind kind = ScheduleKind::kConstant;
  int64_t warmup_steps = 0;
  int64_t total_steps = 0;  // kLinearDecay only; steps beyond it have factor 0

  // The factor of optimiser step number `step`, counted from 0, in [0, 1]. With a warm-up the first step has
  // factor 0, as in transformers' get_linear_schedule_with_warmup (spec section F6).
  double Factor(int64_t step) const {
    if (step < warmup_steps) return static_cast<double>(step) / static_cast<double>(warmup_steps);
    if (kind == ScheduleKind::kConstant) return 1;
    const double left = static_cast<double>(total_steps - step);
    return std::max(0.0, left / static_cast<double>(std::max<int64_t>(1, total_steps - warmup_steps)));
  }
};

}  // namespace bv
