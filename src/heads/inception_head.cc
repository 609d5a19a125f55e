#include "heads/inception_head.h"

#include <ATen/ops/cat.h>

#include "heads/dense_blocks.h"
#include "heads/inception_trunk.h"
#include "heads/token_grid.h"

namespace bv {
namespace {

// Tokens that an inference takes at once.
constexpr int64_t kPart = 1024;

class InceptionHead : public Head {
 public:
  InceptionHead(const std::string& name, const BackboneDims& dims, HeadInit init, int64_t width,
                InceptionRows rows)
      : Head(name, HeadKind::kSpan, dims, init),
        tokens_are_rows_(rows == InceptionRows::kTokens),
        pooling_(&weights(), dims.layers, Pooling::Kind::kLearned),
        adapter_(&weights(), "pooled_adapter", dims.hidden, width, DenseStyle::kKeras),
        trunk_(&weights()),
        output_(&weights(), InceptionTrunk::kChannels * InceptionTrunk::RowsOut(width), 2) {}

 private:
  at::Tensor Logits(const at::Tensor& states, const at::Tensor& offsets,
                    const HeadPass& pass) const override {
    if (pass.training) return PartLogits(states, offsets, pass);
    return InParts(states, offsets, kPart, [&](const at::Tensor& part, const at::Tensor& part_offsets) {
      return PartLogits(part, part_offsets, pass);
    });
  }

  at::Tensor PartLogits(const at::Tensor& states, const at::Tensor& offsets, const HeadPass& pass) const {
    const int64_t width = adapter_.width();
    if (tokens_are_rows_) RequirePlaces(offsets, width, name());
    const TokenGrid grid(offsets, states.device(), tokens_are_rows_ ? width : 0);
    at::Tensor image = grid.Spread(adapter_(pooling_(states)));  // [B, T, d]
    at::Tensor mask;
    if (!tokens_are_rows_) {
      image = image.transpose(1, 2);
      mask = grid.Mask();
      if (mask.defined()) mask = mask.view({grid.windows(), 1, 1, grid.places()});
    }
    const at::Tensor left = trunk_.Forward(image.unsqueeze(1), mask, pass);  // [B, 1024, R, T or d]
    return output_(grid.Gather(left.permute({0, 3, 1, 2})).flatten(1));
  }

  void Describe(HeadOutline* outline) const override {
    outline->SetOnGrid();
    const int64_t width = adapter_.width();
    pooling_.Describe(dims().hidden, outline);
    adapter_.Describe({HeadOutline::kTokens, width}, static_cast<double>(outline->tokens()), outline);
    if (tokens_are_rows_) {
      outline->Add("tokens as rows, zeros below", {1, width, width}, 0, 0,
                   static_cast<double>(width * width));
    } else {
      outline->Add("features as rows", {1, width, HeadOutline::kTokens}, 0, 0, 0);
    }
    trunk_.Describe(width, tokens_are_rows_ ? width : outline->tokens(), !tokens_are_rows_, outline);
    outline->Add(tokens_are_rows_ ? "column t end to end, read as token t's" : "end to end",
                 {HeadOutline::kTokens, output_.weight().size(0)}, 0, 0,
                 static_cast<double>(outline->tokens() * output_.weight().size(0)));
    output_.Describe(true, outline);
  }

  bool tokens_are_rows_;
  Pooling pooling_;
  Adapter adapter_;
  InceptionTrunk trunk_;
  Output output_;
};

}  // namespace

std::unique_ptr<Head> MakeInceptionHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                        int64_t width, InceptionRows rows) {
  return std::make_unique<InceptionHead>(name, dims, init, width, rows);
}

}  // namespace bv
