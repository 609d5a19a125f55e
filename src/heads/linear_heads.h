// Heads without a hidden layer: learned pooling (row 4 of spec section C, D.1) and the controls that any
// claim for a larger head needs, a linear output retrained on one layer's state.
#pragma once

#include <memory>
#include <string>

#include "heads/head.h"

namespace bv {

// y = s * sum_l softmax(w)_l * x_l, then a linear output, of every token (kSpan) or of the window's row
// (kRow). Parameters: pooling.weight [L], pooling.scale [], output.weight [H, C], output.bias [C].
std::unique_ptr<Head> MakeLearnedPoolingHead(const std::string& name, HeadKind kind, const BackboneDims& dims,
                                             HeadInit init);

// A linear output on the state at place `layer` of the stack, 0 to L-1. Parameters: output.weight [H, C],
// output.bias [C].
std::unique_ptr<Head> MakeLayerHead(const std::string& name, HeadKind kind, const BackboneDims& dims,
                                    HeadInit init, int64_t layer);

}  // namespace bv
