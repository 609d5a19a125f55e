#include "heads/xception_heads.h"

#include "base/strings.h"
#include "heads/image_head.h"

namespace bv {
namespace {

// Adds blocks under the names trunk.0, trunk.1, …
class Trunk {
 public:
  explicit Trunk(HeadWeights* weights) : weights_(weights) {}
  void Conv(const ConvShape& shape) { blocks_.push_back(MakeConvBlock(weights_, Name(), shape)); }
  void Down(const DownShape& shape) { blocks_.push_back(MakeDownBlock(weights_, Name(), shape)); }
  void Middle(int64_t channels) { blocks_.push_back(MakeMiddleBlock(weights_, Name(), channels)); }
  // The end of every Xception.
  void Exit() {
    blocks_.push_back(MakeSeparableBlock(weights_, Name(), 1024, 1536, true));
    blocks_.push_back(MakeSeparableBlock(weights_, Name(), 1536, 2048, true));
  }
  ImageBlocks Take() { return std::move(blocks_); }

 private:
  std::string Name() const { return Cat("trunk.", blocks_.size()); }
  HeadWeights* weights_;
  ImageBlocks blocks_;
};

ImageBlocks SpanTrunk(HeadWeights* weights, int64_t channels) {
  Trunk trunk(weights);
  trunk.Conv({.in = channels, .out = 32, .tokens = 3, .columns = 3, .stride = 3});
  trunk.Conv({.in = 32, .out = 64, .tokens = 3, .columns = 3});
  trunk.Down({.in = 64, .middle = 128, .out = 128, .leading_relu = false});
  trunk.Down({.in = 128, .middle = 256, .out = 256});
  for (int i = 0; i < 3; ++i) trunk.Middle(256);
  trunk.Down({.in = 256, .middle = 256, .out = 1024});
  trunk.Exit();
  return trunk.Take();
}

ImageBlocks ShortTrunk(HeadWeights* weights, int64_t channels) {
  Trunk trunk(weights);
  trunk.Conv({.in = channels, .out = 64, .columns = 3, .stride = 3, .valid = true});
  trunk.Conv({.in = 64, .out = 128, .columns = 3, .valid = true});
  trunk.Down({.in = 128, .middle = 256, .out = 512, .leading_relu = false});
  return trunk.Take();
}

ImageBlocks FullTrunk(HeadWeights* weights, int64_t channels, bool max_pool) {
  Trunk trunk(weights);
  trunk.Conv({.in = channels, .out = 32, .columns = 3, .stride = 3, .valid = true});
  trunk.Conv({.in = 32, .out = 64, .columns = 3, .valid = true});
  trunk.Down({.in = 64, .middle = 128, .out = 128, .leading_relu = false});
  trunk.Down({.in = 128, .middle = 256, .out = 256});
  trunk.Down({.in = 256, .middle = 728, .out = 728, .max_pool = max_pool});
  for (int i = 0; i < 8; ++i) trunk.Middle(728);
  trunk.Down({.in = 728, .middle = 728, .out = 1024, .max_pool = max_pool});
  trunk.Exit();
  return trunk.Take();
}

}  // namespace

std::unique_ptr<Head> MakeXceptionSpanHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                           int64_t width) {
  ImageHeadShape image;
  image.input = ImageHeadShape::Input::kAdapted;
  image.width = width;
  image.trunk = SpanTrunk;
  return MakeImageHead(name, HeadKind::kSpan, dims, init, image);
}

std::unique_ptr<Head> MakeXceptionRowHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                          const XceptionShape& shape) {
  ImageHeadShape image;
  image.ending = shape.with_last ? ImageHeadShape::Ending::kMeanAndLast : ImageHeadShape::Ending::kMean;
  image.trunk = [shape](HeadWeights* weights, int64_t channels) {
    return shape.full ? FullTrunk(weights, channels, shape.max_pool) : ShortTrunk(weights, channels);
  };
  return MakeImageHead(name, HeadKind::kRow, dims, init, image);
}

}  // namespace bv
