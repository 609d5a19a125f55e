// Heads that classify a window by its row of states with an adapter (spec D.2, D.3).
#pragma once

#include <memory>
#include <string>

#include "heads/dense_blocks.h"
#include "heads/head.h"

namespace bv {

// The learned pooling or the mean of the row, an adapter of width d, and the last state of the stack beside
// it; a linear output. Parameters: pooling.weight and pooling.scale (learned), pooled_adapter.weight [H, d],
// pooled_adapter.bias [d], output.weight [d + H, C], output.bias [C].
std::unique_ptr<Head> MakeRowAdapterHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                         Pooling::Kind pooling, int64_t width);

}  // namespace bv
