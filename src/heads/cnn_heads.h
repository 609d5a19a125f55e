// The 1xN and NxN convolutional span heads (rows 1 to 3, 5, 6, 17 and 18 of spec section C). The paper does
// not give their layers: the stacks here are the spec's reconstruction (C.1), whose counts are the published
// ones.
#pragma once

#include <memory>
#include <string>

#include "heads/head.h"
#include "heads/image_head.h"

namespace bv {

struct CnnShape {
  // k1xN: kernels of 1x7, each token by itself. kDilated: the same with dilation 1, 2 and 4. kNxN: 7x7, 7x7
  // and 3x3, which mix neighbouring tokens.
  enum class Stack { k1xN, kDilated, kNxN };
  ImageHeadShape::Input input = ImageHeadShape::Input::kLayers;
  int64_t width = 0;  // d, for an adapted input
  Stack stack = Stack::k1xN;
  double dropout = 0;  // after each convolution
};

// Trunk parameters: trunk.0 to trunk.2, see MakeConvBlock.
std::unique_ptr<Head> MakeCnnHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                  const CnnShape& shape);

}  // namespace bv
