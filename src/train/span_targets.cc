#include "train/span_targets.h"

#include <ATen/ops/empty.h>

namespace bv {

SpanTargets TargetsOf(const at::Tensor& offsets, std::span<const Window* const> windows) {
  const auto count = static_cast<int64_t>(windows.size());
  const at::Tensor start = at::empty({count}, at::kLong), end = at::empty({count}, at::kLong);
  for (int64_t i = 0; i < count; ++i) {
    start.mutable_data_ptr<int64_t>()[i] = windows[static_cast<size_t>(i)]->start;
    end.mutable_data_ptr<int64_t>()[i] = windows[static_cast<size_t>(i)]->end;
  }
  return MakeSpanTargets(offsets, start, end, at::kCPU);
}

}  // namespace bv
