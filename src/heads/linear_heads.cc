#include "heads/linear_heads.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/softmax.h>

#include "base/strings.h"
#include "heads/dense_blocks.h"
#include "heads/state_ops.h"

namespace bv {
namespace {

class LearnedPoolingHead : public Head {
 public:
  LearnedPoolingHead(const std::string& name, HeadKind kind, const BackboneDims& dims, HeadInit init)
      : Head(name, kind, dims, init),
        pooling_weight_(weights().Normal("pooling.weight", {dims.layers}, 0.05)),
        pooling_scale_(weights().Constant("pooling.scale", {}, 1)),
        output_(&weights(), dims.hidden, dims.outputs) {}

 private:
  // The output is linear, so it may come before the pooling: C values per state instead of H.
  at::Tensor Logits(const at::Tensor& states, const at::Tensor&, const HeadPass&) const override {
    const at::Tensor projected = ProjectRows(states.flatten(0, 1), output_.weight().t());
    const at::Tensor weights = at::softmax(pooling_weight_, 0) * pooling_scale_;
    return (projected.view({states.size(0), dims().layers, dims().outputs}) * weights.unsqueeze(1)).sum(1) +
           output_.bias();
  }

  void Describe(HeadOutline* outline) const override {
    const auto projected = static_cast<double>(outline->tokens() * dims().layers * dims().outputs);
    outline->Add("linear output of every layer", {HeadOutline::kTokens, dims().layers, dims().outputs},
                 output_.weight().numel() + dims().outputs, projected * static_cast<double>(dims().hidden),
                 projected);
    outline->Add("weighted mean of the layers", {HeadOutline::kTokens, dims().outputs}, dims().layers + 1,
                 projected, projected);
  }

  at::Tensor pooling_weight_, pooling_scale_;
  Output output_;
};

class LayerHead : public Head {
 public:
  LayerHead(const std::string& name, HeadKind kind, const BackboneDims& dims, HeadInit init, int64_t layer)
      : Head(name, kind, dims, init), layer_(layer), output_(&weights(), dims.hidden, dims.outputs) {}

 private:
  at::Tensor Logits(const at::Tensor& states, const at::Tensor&, const HeadPass&) const override {
    return output_.OfStates(states.select(1, layer_));
  }

  void Describe(HeadOutline* outline) const override { output_.Describe(true, outline); }

  int64_t layer_;
  Output output_;
};

}  // namespace

std::unique_ptr<Head> MakeLearnedPoolingHead(const std::string& name, HeadKind kind, const BackboneDims& dims,
                                             HeadInit init) {
  return std::make_unique<LearnedPoolingHead>(name, kind, dims, init);
}

std::unique_ptr<Head> MakeLayerHead(const std::string& name, HeadKind kind, const BackboneDims& dims,
                                    HeadInit init, int64_t layer) {
  return std::make_unique<LayerHead>(name, kind, dims, init, layer);
}

}  // namespace bv
