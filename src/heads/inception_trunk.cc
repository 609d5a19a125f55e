#include "heads/inception_trunk.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/max_pool2d.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/rng.h"
#include "base/strings.h"
#include "kernels/kernels.h"

namespace bv {
namespace {

constexpr double kBias = 0.2, kDropout = 0.2;

using Pair = std::array<int64_t, 2>;  // along rows, along columns

int64_t CeilDivide(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

// An image of one window, as far as shapes go.
struct Size {
  int64_t channels, rows, columns;
  double Values() const { return static_cast<double>(channels * rows * columns); }
};

// "Same" as TensorFlow means it: ceil(rows / stride) rows; an odd row of padding goes to the end.
struct RowPadding {
  RowPadding(int64_t rows, int64_t kernel, int64_t stride) {
    const int64_t all = std::max<int64_t>(0, (CeilDivide(rows, stride) - 1) * stride + kernel - rows);
    before = all / 2;
    after = all - before;
  }
  // Pads the image where the two ends differ; Inside() is then left for the operation to pad.
  at::Tensor Apply(const at::Tensor& image, double value) const {
    return before == after ? image : at::constant_pad_nd(image, {0, 0, before, after}, value);
  }
  int64_t Inside() const { return before == after ? before : 0; }
  int64_t before = 0, after = 0;
};

at::Tensor Masked(const at::Tensor& image, const at::Tensor& mask) {
  if (mask.defined()) image.mul_(mask);
  return image;
}

// k x k convolution with bias and ReLU.
class Conv {
 public:
  Conv(HeadWeights* weights, const std::string& name, int64_t in, int64_t out, int64_t kernel,
       int64_t row_stride = 1)
      : stride_(row_stride),
        weight_(weights->GlorotUniform(name + ".weight", {out, in, kernel, kernel}, in * kernel * kernel,
                                       out * kernel * kernel)),
        bias_(weights->Constant(name + ".bias", {out}, kBias)) {}

  at::Tensor Forward(const at::Tensor& image, const at::Tensor& mask) const {
    const int64_t kernel = weight_.size(2);
    const RowPadding padding(image.size(2), kernel, stride_);
    const at::Tensor result = at::conv2d(padding.Apply(image, 0), weight_, bias_, Pair{stride_, 1},
                                         Pair{padding.Inside(), kernel / 2});
    return Masked(result, mask).relu_();
  }
  Size Out(const Size& in) const { return {weight_.size(0), CeilDivide(in.rows, stride_), in.columns}; }
  int64_t parameters() const { return weight_.numel() + bias_.numel(); }
  double MultiplyAdds(const Size& in) const {
    const int64_t of_an_output = weight_.numel() / weight_.size(0);
    return Out(in).Values() * static_cast<double>(of_an_output);
  }
  std::string Name() const {
    return Cat("convolution ", weight_.size(2), "x", weight_.size(3),
               stride_ > 1 ? Cat(", row stride ", stride_) : "", ", ReLU");
  }

 private:
  int64_t stride_;
  at::Tensor weight_, bias_;
};

// The largest of 3x3. What comes in is never negative, so that a masked column, 0, wins nowhere.
at::Tensor Pool(const at::Tensor& image, const at::Tensor& mask, int64_t row_stride) {
  const RowPadding padding(image.size(2), 3, row_stride);
  const at::Tensor padded = padding.Apply(image, -std::numeric_limits<double>::infinity());
  return Masked(at::max_pool2d(padded, {3, 3}, {row_stride, 1}, {padding.Inside(), 1}), mask);
}

// Of a pool: its result and where each value came from, in 64 bits.
constexpr double kPoolKept = 3;

}  // namespace

struct InceptionTrunk::Layer {
  virtual ~Layer() = default;
  virtual at::Tensor Forward(const at::Tensor& image, const at::Tensor& mask, const HeadPass& pass) const = 0;
  virtual Size Out(const Size& in) const = 0;
  virtual HeadStage Stage(const Size& in) const = 0;  // without its shape
};

namespace {

struct ConvLayer : InceptionTrunk::Layer {
  template <typename... Args>
  explicit ConvLayer(const Args&... args) : conv(args...) {}
  at::Tensor Forward(const at::Tensor& image, const at::Tensor& mask, const HeadPass&) const override {
    return conv.Forward(image, mask);
  }
  Size Out(const Size& in) const override { return conv.Out(in); }
  HeadStage Stage(const Size& in) const override {
    return {conv.Name(), "", conv.parameters(), conv.MultiplyAdds(in), conv.Out(in).Values()};
  }
  Conv conv;
};

struct PoolLayer : InceptionTrunk::Layer {
  explicit PoolLayer(int64_t row_stride) : stride(row_stride) {}
  at::Tensor Forward(const at::Tensor& image, const at::Tensor& mask, const HeadPass&) const override {
    return Pool(image, mask, stride);
  }
  Size Out(const Size& in) const override { return {in.channels, CeilDivide(in.rows, stride), in.columns}; }
  HeadStage Stage(const Size& in) const override {
    return {Cat("largest of 3x3", stride > 1 ? Cat(", row stride ", stride) : ""), "", 0, 0,
            kPoolKept * Out(in).Values()};
  }
  int64_t stride;
};

struct DropoutLayer : InceptionTrunk::Layer {
  explicit DropoutLayer(uint64_t number) : place(number) {}
  at::Tensor Forward(const at::Tensor& image, const at::Tensor&, const HeadPass& pass) const override {
    if (!pass.training) return image;
    return kernels::Dropout(image.flatten(1), {kDropout, Mix64(pass.seed, place)}).view(image.sizes());
  }
  Size Out(const Size& in) const override { return in; }
  HeadStage Stage(const Size& in) const override {
    return {Cat("dropout ", kDropout), "", 0, 0, in.Values()};
  }
  uint64_t place;
};

struct ModuleShape {
  int64_t a, b, c, e, g, p;  // as in INC(a; b,c; e,g; p)
};

struct ModuleLayer : InceptionTrunk::Layer {
  ModuleLayer(HeadWeights* weights, const std::string& module, int64_t in, const ModuleShape& shape)
      : name(module),
        one(weights, Cat("trunk.", module, ".1x1"), in, shape.a, 1),
        three_reduce(weights, Cat("trunk.", module, ".3x3_reduce"), in, shape.b, 1),
        three(weights, Cat("trunk.", module, ".3x3"), shape.b, shape.c, 3),
        five_reduce(weights, Cat("trunk.", module, ".5x5_reduce"), in, shape.e, 1),
        five(weights, Cat("trunk.", module, ".5x5"), shape.e, shape.g, 5),
        pool(weights, Cat("trunk.", module, ".pool"), in, shape.p, 1),
        channels(shape.a + shape.c + shape.g + shape.p) {}
  at::Tensor Forward(const at::Tensor& image, const at::Tensor& mask, const HeadPass&) const override {
    return at::cat(
        {one.Forward(image, mask), three.Forward(three_reduce.Forward(image, mask), mask),
         five.Forward(five_reduce.Forward(image, mask), mask), pool.Forward(Pool(image, mask, 1), mask)},
        1);
  }
  Size Out(const Size& in) const override { return {channels, in.rows, in.columns}; }
  HeadStage Stage(const Size& in) const override {
    HeadStage stage = {Cat("module ", name, ": 1x1, 3x3, 5x5 and pool beside each other"), "", 0, 0,
                       Out(in).Values() + kPoolKept * in.Values()};
    const auto add = [&](const Conv& conv, const Size& size) {
      stage.parameters += conv.parameters();
      stage.multiply_adds += conv.MultiplyAdds(size);
      stage.kept += conv.Out(size).Values();
    };
    for (const Conv* conv : {&one, &three_reduce, &five_reduce, &pool}) add(*conv, in);
    add(three, three_reduce.Out(in));
    add(five, five_reduce.Out(in));
    return stage;
  }
  std::string name;
  Conv one, three_reduce, three, five_reduce, five, pool;
  int64_t channels;
};

}  // namespace

InceptionTrunk::InceptionTrunk(HeadWeights* weights) {
  int64_t channels = 1;
  const auto conv = [&](const char* name, int64_t out, int64_t kernel, int64_t stride = 1) {
    layers_.push_back(
        std::make_unique<ConvLayer>(weights, Cat("trunk.", name), channels, out, kernel, stride));
    channels = out;
  };
  const auto pool = [&](int64_t stride) { layers_.push_back(std::make_unique<PoolLayer>(stride)); };
  const auto dropout = [&] { layers_.push_back(std::make_unique<DropoutLayer>(layers_.size())); };
  const auto add_module = [&](const char* name, const ModuleShape& shape) {
    auto layer = std::make_unique<ModuleLayer>(weights, name, channels, shape);
    channels = layer->channels;
    layers_.push_back(std::move(layer));
  };
  conv("conv1", 512, 3, 2);
  pool(1);
  conv("conv2", 256, 1);
  conv("conv3", 128, 3);
  pool(2);
  add_module("3a", {64, 96, 128, 16, 32, 32});
  add_module("3b", {128, 128, 192, 32, 96, 64});
  pool(3);
  add_module("4a", {192, 96, 208, 16, 48, 64});
  dropout();
  add_module("4b", {160, 112, 224, 24, 64, 64});
  add_module("4c", {128, 128, 256, 24, 64, 64});
  add_module("4d", {112, 144, 288, 32, 64, 64});
  dropout();
  add_module("4e", {256, 160, 320, 32, 128, 128});
  pool(2);
  add_module("5a", {256, 160, 320, 32, 128, 128});
  add_module("5b", {384, 192, 384, 48, 128, 128});
}

InceptionTrunk::~InceptionTrunk() = default;

at::Tensor InceptionTrunk::Forward(at::Tensor image, const at::Tensor& mask, const HeadPass& pass) const {
  for (const auto& layer : layers_) image = layer->Forward(image, mask, pass);
  // Two rows to one at the end; an odd last row stands alone.
  return at::max_pool2d(image, {2, 1}, {2, 1}, {0, 0}, {1, 1}, true);
}

int64_t InceptionTrunk::RowsOut(int64_t rows) {
  return CeilDivide(rows, 48);
}

void InceptionTrunk::Describe(int64_t rows, int64_t columns, bool columns_are_tokens,
                              HeadOutline* outline) const {
  const auto add = [&](const HeadStage& stage, const Size& out) {
    const int64_t last = columns_are_tokens ? HeadOutline::kTokens : out.columns;
    outline->Add(stage.what, {out.channels, out.rows, last}, stage.parameters, stage.multiply_adds,
                 stage.kept);
  };
  Size size = {1, rows, columns};
  for (const auto& layer : layers_) {
    const HeadStage stage = layer->Stage(size);
    size = layer->Out(size);
    add(stage, size);
  }
  size.rows = CeilDivide(size.rows, 2);
  add({"largest of 2 rows", "", 0, 0, kPoolKept * size.Values()}, size);
}

}  // namespace bv
