// Xception heads: the span head of row 20 of spec section C (a reconstruction, C.3), and those that classify
// a window by its row of states (section D, exact).
#pragma once

#include <memory>
#include <string>

#include "heads/head.h"

namespace bv {

// Learned pooling, an adapter of width d, a stem of 3x3 convolutions (the only ones that mix neighbouring
// tokens), then separable convolutions along the features.
std::unique_ptr<Head> MakeXceptionSpanHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                           int64_t width);

struct XceptionShape {
  bool full = false;       // the whole network; else its first three blocks
  bool with_last = false;  // the last state goes to the output too
  bool max_pool = false;  // in the blocks of 728 and 1024 channels, as one stored summary of the study has it
};
// Of a window's row: the L states are the channels, their H values the columns.
std::unique_ptr<Head> MakeXceptionRowHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                          const XceptionShape& shape);

}  // namespace bv
