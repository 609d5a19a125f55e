// The labels of packed windows as the span loss wants them.
#pragma once

#include <span>

#include "features/windows.h"
#include "train/span_loss.h"

namespace bv {

// offsets as PackWindows made them of the same windows.
SpanTargets TargetsOf(const at::Tensor& offsets, std::span<const Window* const> windows);

}  // namespace bv
