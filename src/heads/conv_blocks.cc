#include "heads/conv_blocks.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/relu.h>

#include <array>
#include <utility>

#include "base/rng.h"
#include "base/strings.h"
#include "kernels/kernels.h"

namespace bv {
namespace {

constexpr double kNormEpsilon = 1e-3, kNormMomentum = 0.01;

using Pair = std::array<int64_t, 2>;  // along tokens, along columns

int64_t CeilDivide(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

void AddStage(HeadOutline* outline, const std::string& what, const ImageShape& out, int64_t parameters,
              double products_per_value, double kept_per_value) {
  const auto values = static_cast<double>(outline->tokens() * out.channels * out.columns);
  outline->Add(what, {HeadOutline::kTokens, out.channels, out.columns}, parameters,
               values * products_per_value, values * kept_per_value);
}

// Over a grid of windows where the kernel is wider than one token.
at::Tensor Convolve(const at::Tensor& image, const at::Tensor& kernel, const ConvShape& shape,
                    const TokenGrid* grid) {
  const int64_t padding = shape.valid ? 0 : shape.dilation * (shape.columns - 1) / 2;
  if (shape.tokens == 1) {
    return at::conv2d(image, kernel, {}, Pair{1, shape.stride}, Pair{0, padding}, Pair{1, shape.dilation});
  }
  const at::Tensor spread = grid->Spread(image.squeeze(2)).permute({0, 2, 1, 3});  // [B, C, T, W]
  const at::Tensor result = at::conv2d(spread, kernel, {}, Pair{1, shape.stride},
                                       Pair{shape.tokens / 2, padding}, Pair{1, shape.dilation});
  return grid->Gather(result.permute({0, 2, 1, 3})).unsqueeze(2);
}

class ConvBlock : public ImageBlock {
 public:
  ConvBlock(HeadWeights* weights, const std::string& name, const ConvShape& shape, const AfterNorm& after)
      : shape_(shape),
        after_(after),
        kernel_(weights->GlorotUniform(name + ".weight", {shape.out, shape.in, shape.tokens, shape.columns},
                                       shape.in * shape.tokens * shape.columns,
                                       shape.out * shape.tokens * shape.columns)),
        norm_(weights, name, shape.out) {}

  // ReLU comes after the dropout, which gives the same and keeps one image less for the way back. It may
  // overwrite: neither batch norm nor dropout needs its result again.
  at::Tensor Forward(const at::Tensor& image, const HeadPass& pass, const TokenGrid* grid) const override {
    const at::Tensor normed = norm_(Convolve(image, kernel_, shape_, grid), pass);
    if (!pass.training || after_.dropout == 0) return after_.relu ? normed.relu_() : normed;
    const at::Tensor dropped =
        kernels::Dropout(normed.flatten(1), {after_.dropout, Mix64(pass.seed, after_.place)});
    return (after_.relu ? dropped.relu_() : dropped).view(normed.sizes());
  }

  ImageShape Describe(const ImageShape& in, HeadOutline* outline) const override {
    const int64_t reach = shape_.dilation * (shape_.columns - 1);
    const int64_t usable = shape_.valid ? in.columns - reach : in.columns;
    const ImageShape out = {shape_.out, usable > 0 ? CeilDivide(usable, shape_.stride) : 0};
    if (outline != nullptr) {
      std::string what = Cat("convolution ", shape_.tokens, "x", shape_.columns);
      if (shape_.stride > 1) what += Cat(", stride ", shape_.stride);
      if (shape_.dilation > 1) what += Cat(", dilation ", shape_.dilation);
      what += ", batch norm";
      if (after_.relu) what += ", ReLU";
      if (after_.dropout > 0) what += Cat(", dropout ", after_.dropout);
      // What comes out and its activation; of a kernel over tokens, the grid that goes in as well.
      const double grid = shape_.tokens == 1 ? 0
                                             : static_cast<double>(in.channels * in.columns) /
                                                   static_cast<double>(out.channels * out.columns);
      AddStage(outline, what, out, kernel_.numel() + norm_.values(),
               static_cast<double>(shape_.in * shape_.tokens * shape_.columns), 2 + grid);
    }
    return out;
  }

 private:
  ConvShape shape_;
  AfterNorm after_;
  at::Tensor kernel_;
  BatchNorm norm_;
};

class SeparableBlock : public ImageBlock {
 public:
  SeparableBlock(HeadWeights* weights, const std::string& name, int64_t in, int64_t out, bool relu)
      : relu_(relu),
        depthwise_(weights->GlorotUniform(name + ".depthwise.weight", {in, 1, 1, 3}, 3 * in, 3)),
        pointwise_(weights->GlorotUniform(name + ".pointwise.weight", {out, in, 1, 1}, in, out)),
        norm_(weights, name, out) {}

  at::Tensor Forward(const at::Tensor& image, const HeadPass& pass, const TokenGrid*) const override {
    const at::Tensor columns =
        at::conv2d(image, depthwise_, {}, Pair{1, 1}, Pair{0, 1}, Pair{1, 1}, depthwise_.size(0));
    const at::Tensor normed = norm_(at::conv2d(columns, pointwise_), pass);
    return relu_ ? normed.relu_() : normed;
  }

  ImageShape Describe(const ImageShape& in, HeadOutline* outline) const override {
    const ImageShape out = {pointwise_.size(0), in.columns};
    if (outline != nullptr) {
      const auto ratio = static_cast<double>(in.channels) / static_cast<double>(out.channels);
      AddStage(outline, Cat("separable convolution 1x3, batch norm", relu_ ? ", ReLU" : ""), out,
               depthwise_.numel() + pointwise_.numel() + norm_.values(),
               static_cast<double>(in.channels) + 3 * ratio, 2 + ratio);
    }
    return out;
  }

 private:
  bool relu_;
  at::Tensor depthwise_, pointwise_;
  BatchNorm norm_;
};

// "Same" as TensorFlow means it: the columns outside of the image are no part of a mean, and an even number
// of columns is padded at the right end alone. ceil(W / 2) columns.
at::Tensor HalveColumns(const at::Tensor& image, bool max_pool) {
  const bool odd = image.size(3) % 2 == 1;
  if (max_pool) return at::max_pool2d(image, {1, 3}, {1, 2}, {0, odd ? 1 : 0}, {1, 1}, !odd);
  return at::avg_pool2d(image, {1, 3}, {1, 2}, {0, odd ? 1 : 0}, !odd, false);
}

class DownBlock : public ImageBlock {
 public:
  DownBlock(HeadWeights* weights, const std::string& name, const DownShape& shape)
      : shape_(shape),
        first_(weights, name + ".first", shape.in, shape.middle, true),
        second_(weights, name + ".second", shape.middle, shape.out, false),
        shortcut_(weights, name + ".shortcut", {.in = shape.in, .out = shape.out, .stride = 2},
                  {.relu = false}) {}

  at::Tensor Forward(const at::Tensor& image, const HeadPass& pass, const TokenGrid* grid) const override {
    const at::Tensor main = first_.Forward(shape_.leading_relu ? at::relu(image) : image, pass, grid);
    return HalveColumns(second_.Forward(main, pass, grid), shape_.max_pool) +
           shortcut_.Forward(image, pass, grid);
  }

  ImageShape Describe(const ImageShape& in, HeadOutline* outline) const override {
    if (outline != nullptr && shape_.leading_relu) AddStage(outline, "ReLU", in, 0, 0, 1);
    const ImageShape wide = second_.Describe(first_.Describe(in, outline), outline);
    const ImageShape out = {wide.channels, CeilDivide(wide.columns, 2)};
    if (outline != nullptr) {
      AddStage(outline, shape_.max_pool ? "largest of 3, stride 2" : "mean of 3, stride 2", out, 0, 0,
               shape_.max_pool ? 3 : 1);
    }
    shortcut_.Describe(in, outline);
    return out;
  }

 private:
  DownShape shape_;
  SeparableBlock first_, second_;
  ConvBlock shortcut_;
};

class MiddleBlock : public ImageBlock {
 public:
  MiddleBlock(HeadWeights* weights, const std::string& name, int64_t channels)
      : first_(weights, name + ".first", channels, channels, true),
        second_(weights, name + ".second", channels, channels, true),
        third_(weights, name + ".third", channels, channels, false) {}

  at::Tensor Forward(const at::Tensor& image, const HeadPass& pass, const TokenGrid* grid) const override {
    const at::Tensor first = first_.Forward(at::relu(image), pass, grid);
    return third_.Forward(second_.Forward(first, pass, grid), pass, grid) + image;
  }

  ImageShape Describe(const ImageShape& in, HeadOutline* outline) const override {
    if (outline != nullptr) AddStage(outline, "ReLU", in, 0, 0, 1);
    const ImageShape out = third_.Describe(second_.Describe(first_.Describe(in, outline), outline), outline);
    if (outline != nullptr) AddStage(outline, "plus what came in", out, 0, 0, 0);
    return out;
  }

 private:
  SeparableBlock first_, second_, third_;
};

}  // namespace

BatchNorm::BatchNorm(HeadWeights* weights, const std::string& name, int64_t channels)
    : weight_(weights->Constant(name + ".norm.weight", {channels}, 1)),
      bias_(weights->Constant(name + ".norm.bias", {channels}, 0)),
      mean_(weights->Buffer(name + ".norm.mean", {channels}, 0)),
      variance_(weights->Buffer(name + ".norm.variance", {channels}, 1)) {}

at::Tensor BatchNorm::operator()(const at::Tensor& x, const HeadPass& pass) const {
  // One value has no variance; a batch of one row on a narrow backbone is normalised as in inference.
  const bool by_batch = pass.training && x.numel() > x.size(1);
  return at::batch_norm(x, weight_, bias_, mean_, variance_, by_batch, kNormMomentum, kNormEpsilon, false);
}

at::Tensor RunBlocks(const ImageBlocks& blocks, at::Tensor image, const HeadPass& pass,
                     const TokenGrid* grid) {
  for (const auto& block : blocks) image = block->Forward(image, pass, grid);
  return image;
}

ImageShape DescribeBlocks(const ImageBlocks& blocks, ImageShape shape, HeadOutline* outline) {
  for (const auto& block : blocks) shape = block->Describe(shape, outline);
  return shape;
}

std::unique_ptr<ImageBlock> MakeConvBlock(HeadWeights* weights, const std::string& name,
                                          const ConvShape& shape, const AfterNorm& after) {
  return std::make_unique<ConvBlock>(weights, name, shape, after);
}

std::unique_ptr<ImageBlock> MakeSeparableBlock(HeadWeights* weights, const std::string& name, int64_t in,
                                               int64_t out, bool relu) {
  return std::make_unique<SeparableBlock>(weights, name, in, out, relu);
}

std::unique_ptr<ImageBlock> MakeDownBlock(HeadWeights* weights, const std::string& name,
                                          const DownShape& shape) {
  return std::make_unique<DownBlock>(weights, name, shape);
}

std::unique_ptr<ImageBlock> MakeMiddleBlock(HeadWeights* weights, const std::string& name, int64_t channels) {
  return std::make_unique<MiddleBlock>(weights, name, channels);
}

}  // namespace bv
