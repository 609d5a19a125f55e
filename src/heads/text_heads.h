// Heads that classify a window by the states of all its tokens, with a weight for each place (the AP head for
// GLUE and detect-parts, spec section D). Places past a window's end add nothing.
#pragma once

#include <memory>
#include <string>

#include "heads/head.h"

namespace bv {

// One adapter of width d for all layers and tokens, then a linear output of everything. Parameters:
// adapter.weight [H, d], adapter.bias [d], output.weight [T * d * L, C] with feature j of layer l at place t
// in row (t * d + j) * L + l, output.bias [C]. dims.tokens is T. Errors (kUsage): no T.
std::unique_ptr<Head> MakeApHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                 int64_t width);

// LayerNorm(swish((x_l + depth_l) W + b)) for every token and layer, then GELU, dropout of 0.3 and a linear
// output of everything. Parameters: depth.weight [L, H], adapter.weight [H, d], adapter.bias [d],
// adapter.norm.weight [d], adapter.norm.bias [d], output.weight [T * L * d, C] in that order, output.bias
// [C]. Errors (kUsage): no T.
std::unique_ptr<Head> MakeDetectPartsHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                          int64_t width);

}  // namespace bv
