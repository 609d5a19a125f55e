// Heads without a hidden layer: learned pooling (row 4 of spec section C) and the controls that any claim for
// a larger head needs, a linear output retrained on one layer's state.
#pragma once

#include <memory>
#include <string>

#include "heads/head.h"

namespace bv {

// y = s * sum_l softmax(w)_l * x_l, then a linear output. Parameters: pooling.weight [L], pooling.scale [],
// output.weight [H, 2], output.bias [2].
std::unique_ptr<Head> MakeLearnedPoolingHead(const std::string& name, const BackboneDims& dims,
                                             uint64_t seed);

// A linear output on the state of layer `layer`, 0 (embeddings) to L-1. Parameters: output.weight [H, 2],
// output.bias [2].
std::unique_ptr<Head> MakeLayerHead(const std::string& name, const BackboneDims& dims, uint64_t seed,
                                    int64_t layer);

}  // namespace bv
