// The Inception span head (row 19 of spec section C, C.2): learned pooling, an adapter, an Inception trunk
// whose strides shrink the rows of its image, and a linear output at every column. Trunk exact, end
// reconstructed.
#pragma once

#include <memory>
#include <string>

#include "heads/head.h"

namespace bv {

// What the image's rows are, which the trunk shrinks to a 48th. kFeatures: the adapter's, so that every token
// keeps its column; this works. kTokens: the tokens, as in the study, whose head could not fit its training
// data: what is left at "token" t then stands for feature t. It has d places for tokens.
enum class InceptionRows { kFeatures, kTokens };

// Parameters: pooling.*, pooled_adapter.*; trunk.<module>.<branch>.weight [out, in, rows, columns] and .bias
// [out]; output.weight [1024 * ceil(d / 48), 2], output.bias [2].
std::unique_ptr<Head> MakeInceptionHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                        int64_t width, InceptionRows rows);

}  // namespace bv
