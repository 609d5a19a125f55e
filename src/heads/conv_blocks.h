// The parts of convolutional heads (spec B.9 to B.12). A block works on packed images [N, C, 1, W]: one row
// of W columns with C channels for each token, so that nothing is padded and batch norm sees real tokens
// only. A kernel that is wider than one token goes over a grid of the batch's windows, with zeros outside of
// them, and back. Not heads. Calls are const; in a training pass they write running statistics.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "heads/head.h"
#include "heads/token_grid.h"

namespace bv {

// Of a token's image.
struct ImageShape {
  int64_t channels = 1;
  int64_t columns = 1;
};

class ImageBlock {
 public:
  virtual ~ImageBlock() = default;
  // grid: of the batch; not looked at (and may be null) where no kernel is wider than a token.
  virtual at::Tensor Forward(const at::Tensor& image, const HeadPass& pass, const TokenGrid* grid) const = 0;
  // The shape that comes out, and, where outline is not null, the block's stages.
  virtual ImageShape Describe(const ImageShape& in, HeadOutline* outline) const = 0;
};

using ImageBlocks = std::vector<std::unique_ptr<ImageBlock>>;
at::Tensor RunBlocks(const ImageBlocks& blocks, at::Tensor image, const HeadPass& pass,
                     const TokenGrid* grid);
ImageShape DescribeBlocks(const ImageBlocks& blocks, ImageShape shape, HeadOutline* outline);

struct ConvShape {
  int64_t in = 1, out = 1;           // channels
  int64_t tokens = 1, columns = 1;   // of the kernel; odd
  int64_t stride = 1, dilation = 1;  // along columns
  // Else padded by dilation * (columns - 1) / 2 on each side, which gives ceil(W / stride) columns.
  bool valid = false;
};

// Batch norm with epsilon 1e-3 and momentum 0.01 (Keras' 0.99): [N, C, …]. Parameters <name>.norm.weight and
// .bias, buffers <name>.norm.mean and .variance, [C] each.
class BatchNorm {
 public:
  BatchNorm(HeadWeights* weights, const std::string& name, int64_t channels);
  at::Tensor operator()(const at::Tensor& x, const HeadPass& pass) const;
  int64_t values() const { return 4 * weight_.numel(); }

 private:
  at::Tensor weight_, bias_, mean_, variance_;
};

// CBR: convolution without bias, batch norm, dropout, ReLU. Parameters: <name>.weight [out, in, tokens,
// columns], Glorot uniform over the receptive field, and the norm's.
struct AfterNorm {
  bool relu = true;
  double dropout = 0;  // of single values
  uint64_t place = 0;  // of this dropout in the head: masks differ between places
};
std::unique_ptr<ImageBlock> MakeConvBlock(HeadWeights* weights, const std::string& name,
                                          const ConvShape& shape, const AfterNorm& after = {});

// SEP with its batch norm: a depthwise kernel over three columns, then 1x1 to `out` channels, no biases;
// ReLU where asked for. Parameters: <name>.depthwise.weight [in, 1, 1, 3], <name>.pointwise.weight [out, in,
// 1, 1], both Glorot uniform, and the norm's.
std::unique_ptr<ImageBlock> MakeSeparableBlock(HeadWeights* weights, const std::string& name, int64_t in,
                                               int64_t out, bool relu);

// XD: two separable convolutions with a ReLU between, pooled over three columns with stride 2, plus a 1x1
// convolution of stride 2. A ReLU on the main path first, but in a network's first block.
struct DownShape {
  int64_t in = 1, middle = 1, out = 1;
  bool leading_relu = true;
  bool max_pool = false;
};
std::unique_ptr<ImageBlock> MakeDownBlock(HeadWeights* weights, const std::string& name,
                                          const DownShape& shape);

// XM: three times ReLU and a separable convolution, plus what came in.
std::unique_ptr<ImageBlock> MakeMiddleBlock(HeadWeights* weights, const std::string& name, int64_t channels);

}  // namespace bv
