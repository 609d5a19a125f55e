// The frame of the convolutional heads: states as an image, a trunk of blocks, a linear output. The trunks
// are in cnn_heads and xception_heads.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "heads/conv_blocks.h"
#include "heads/head.h"

namespace bv {

struct ImageHeadShape {
  // What the image of a token (or of a window's row) is: L channels of H columns; or one channel of the
  // learned pooling of the layers, of their mean, or of an adapter of width d on the learned pooling.
  enum class Input { kLayers, kPooled, kMean, kAdapted };
  Input input = Input::kLayers;
  int64_t width = 0;  // d
  // What goes to the output: all values, channel by channel; the mean of each channel; and with it the last
  // state of the stack.
  enum class Ending { kAll, kMean, kMeanAndLast };
  Ending ending = Ending::kAll;
  // The blocks for an image of so many channels.
  std::function<ImageBlocks(HeadWeights* weights, int64_t channels)> trunk;
};

// Parameters: pooling.weight, pooling.scale, pooled_adapter.weight, pooled_adapter.bias where the input has
// them; the trunk's; output.weight [F, C], output.bias [C]. Errors (kUsage): states too narrow for the trunk.
std::unique_ptr<Head> MakeImageHead(const std::string& name, HeadKind kind, const BackboneDims& dims,
                                    HeadInit init, const ImageHeadShape& shape);

}  // namespace bv
