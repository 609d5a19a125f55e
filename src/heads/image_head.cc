#include "heads/image_head.h"

#include <ATen/ops/cat.h>

#include <optional>

#include "base/error.h"
#include "base/strings.h"
#include "heads/dense_blocks.h"

namespace bv {
namespace {

using Input = ImageHeadShape::Input;
using Ending = ImageHeadShape::Ending;

// Tokens or rows that an inference takes at once.
constexpr int64_t kPart = 2048;

class ImageHead : public Head {
 public:
  ImageHead(const std::string& name, HeadKind kind, const BackboneDims& dims, HeadInit init,
            const ImageHeadShape& shape)
      : Head(name, kind, dims, init), shape_(shape) {
    if (shape.input != Input::kLayers) {
      pooling_.emplace(&weights(), dims.layers,
                       shape.input == Input::kMean ? Pooling::Kind::kMean : Pooling::Kind::kLearned);
    }
    if (shape.input == Input::kAdapted) {
      adapter_.emplace(&weights(), "pooled_adapter", dims.hidden, shape.width, DenseStyle::kKeras);
    }
    trunk_ = shape.trunk(&weights(), ImageOf(0).channels);
    const ImageShape out = DescribeBlocks(trunk_, ImageOf(0), nullptr);
    if (out.columns < 1) throw TooNarrow();
    output_.emplace(&weights(), FeaturesOf(out), dims.outputs);
  }

 private:
  // Of the image that goes into the trunk; columns: instead of what it has, where not 0.
  ImageShape ImageOf(int64_t columns) const {
    const int64_t width = shape_.input == Input::kAdapted ? shape_.width : dims().hidden;
    return {shape_.input == Input::kLayers ? dims().layers : 1, columns > 0 ? columns : width};
  }

  Error TooNarrow() const {
    int64_t least = 1;
    while (DescribeBlocks(trunk_, ImageOf(least), nullptr).columns < 1) ++least;
    return {ErrorKind::kUsage,
            Cat("head ", name(), " needs ", least, " columns; these states have ", ImageOf(0).columns)};
  }

  int64_t FeaturesOf(const ImageShape& out) const {
    switch (shape_.ending) {
      case Ending::kAll:
        return out.channels * out.columns;
      case Ending::kMean:
        return out.channels;
      case Ending::kMeanAndLast:
        return out.channels + dims().hidden;
    }
    return 0;
  }

  at::Tensor Logits(const at::Tensor& states, const at::Tensor& offsets,
                    const HeadPass& pass) const override {
    if (pass.training) return PartLogits(states, offsets, pass);
    if (kind() == HeadKind::kSpan) {
      return InParts(states, offsets, kPart, [&](const at::Tensor& part, const at::Tensor& part_offsets) {
        return PartLogits(part, part_offsets, pass);
      });
    }
    std::vector<at::Tensor> parts;
    for (const at::Tensor& part : states.split(kPart)) parts.push_back(PartLogits(part, offsets, pass));
    return parts.size() == 1 ? parts[0] : at::cat(parts);
  }

  at::Tensor PartLogits(const at::Tensor& states, const at::Tensor& offsets, const HeadPass& pass) const {
    std::optional<TokenGrid> grid;
    if (kind() == HeadKind::kSpan) grid.emplace(offsets, states.device());
    const at::Tensor image = RunBlocks(trunk_, Image(states), pass, grid ? &*grid : nullptr);
    if (shape_.ending == Ending::kAll) return (*output_)(image.flatten(1));
    const at::Tensor mean = image.mean({2, 3});
    if (shape_.ending == Ending::kMean) return (*output_)(mean);
    return (*output_)(at::cat({mean, states.select(1, dims().layers - 1).to(at::kFloat)}, 1));
  }

  // [N, C, 1, W]
  at::Tensor Image(const at::Tensor& states) const {
    if (!pooling_) return states.to(at::kFloat).unsqueeze(2);
    at::Tensor rows = (*pooling_)(states);
    if (adapter_) rows = (*adapter_)(rows);
    return rows.unsqueeze(1).unsqueeze(1);
  }

  void Describe(HeadOutline* outline) const override {
    const auto tokens = static_cast<double>(outline->tokens());
    if (pooling_) pooling_->Describe(dims().hidden, outline);
    if (adapter_) adapter_->Describe({HeadOutline::kTokens, shape_.width}, tokens, outline);
    const ImageShape image = ImageOf(0);
    const auto values = static_cast<double>(image.channels * image.columns);
    outline->Add("as an image", {HeadOutline::kTokens, image.channels, image.columns}, 0, 0,
                 pooling_ ? 0 : tokens * values);
    const ImageShape out = DescribeBlocks(trunk_, image, outline);
    const char* ending = shape_.ending == Ending::kAll    ? "end to end"
                         : shape_.ending == Ending::kMean ? "mean over columns"
                                                          : "mean over columns, with the last state";
    outline->Add(ending, {HeadOutline::kTokens, FeaturesOf(out)}, 0, 0, 0);
    output_->Describe(true, outline);
  }

  ImageHeadShape shape_;
  std::optional<Pooling> pooling_;
  std::optional<Adapter> adapter_;
  ImageBlocks trunk_;
  std::optional<Output> output_;
};

}  // namespace

std::unique_ptr<Head> MakeImageHead(const std::string& name, HeadKind kind, const BackboneDims& dims,
                                    HeadInit init, const ImageHeadShape& shape) {
  return std::make_unique<ImageHead>(name, kind, dims, init, shape);
}

}  // namespace bv
