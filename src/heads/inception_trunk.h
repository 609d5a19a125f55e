// The trunk of the Inception head (spec C.2, building block B.13): convolutions with bias and ReLU, parallel
// ones joined to modules, max-pools whose strides shrink the image's rows. Not a head. Calls are const.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "heads/head.h"

namespace bv {

class InceptionTrunk {
 public:
  explicit InceptionTrunk(HeadWeights* weights);
  ~InceptionTrunk();

  // image [B, 1, R, S] to [B, kChannels, RowsOut(R), S]. mask [B, 1, 1, S]: a column with a 0 is outside of
  // the image, for every layer; undefined: none is.
  at::Tensor Forward(at::Tensor image, const at::Tensor& mask, const HeadPass& pass) const;

  static constexpr int64_t kChannels = 1024;
  static int64_t RowsOut(int64_t rows);
  // The stages for an image of one window.
  void Describe(int64_t rows, int64_t columns, bool columns_are_tokens, HeadOutline* outline) const;

  struct Layer;  // one of its steps

 private:
  std::vector<std::unique_ptr<Layer>> layers_;
};

}  // namespace bv
