#include "heads/cnn_heads.h"

#include <vector>

#include "base/strings.h"

namespace bv {
namespace {

std::vector<ConvShape> StackOf(CnnShape::Stack stack, int64_t channels) {
  switch (stack) {
    case CnnShape::Stack::k1xN:
      return {{.in = channels, .out = 128, .columns = 7, .stride = 3},
              {.in = 128, .out = 128, .columns = 7, .stride = 3},
              {.in = 128, .out = 192, .columns = 7, .stride = 2}};
    case CnnShape::Stack::kDilated:
      return {{.in = channels, .out = 128, .columns = 7, .stride = 3},
              {.in = 128, .out = 160, .columns = 7, .stride = 3, .dilation = 2},
              {.in = 160, .out = 192, .columns = 7, .stride = 2, .dilation = 4}};
    case CnnShape::Stack::kNxN:
      return {{.in = channels, .out = 64, .tokens = 7, .columns = 7, .stride = 3},
              {.in = 64, .out = 128, .tokens = 7, .columns = 7, .stride = 2},
              {.in = 128, .out = 256, .tokens = 3, .columns = 3, .stride = 2}};
  }
  return {};
}

}  // namespace

std::unique_ptr<Head> MakeCnnHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                  const CnnShape& shape) {
  ImageHeadShape image;
  image.input = shape.input;
  image.width = shape.width;
  image.trunk = [shape](HeadWeights* weights, int64_t channels) {
    ImageBlocks blocks;
    for (const ConvShape& conv : StackOf(shape.stack, channels)) {
      const uint64_t place = blocks.size();
      blocks.push_back(
          MakeConvBlock(weights, Cat("trunk.", place), conv, {.dropout = shape.dropout, .place = place}));
    }
    return blocks;
  };
  return MakeImageHead(name, HeadKind::kSpan, dims, init, image);
}

}  // namespace bv
