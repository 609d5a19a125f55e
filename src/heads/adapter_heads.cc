#include "heads/adapter_heads.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/stack.h>

#include <optional>
#include <vector>

#include "base/strings.h"
#include "heads/state_ops.h"

namespace bv {
namespace {

using Input = AdapterShape::Input;

constexpr double kAdapterSigma = 1e-3;

int64_t FeaturesOf(const BackboneDims& dims, const AdapterShape& shape) {
  return (shape.input != Input::kPooled ? dims.layers * shape.width : 0) +
         (shape.input != Input::kLayers ? shape.width : 0) + (shape.skip ? dims.hidden : 0);
}

class AdapterHead : public Head {
 public:
  AdapterHead(const std::string& name, const BackboneDims& dims, HeadInit init, const AdapterShape& shape)
      : Head(name, HeadKind::kSpan, dims, init), shape_(shape) {
    if (shape.input != Input::kLayers) pooling_.emplace(&weights(), dims.layers, Pooling::Kind::kLearned);
    if (shape.input != Input::kPooled) AddLayerAdapters();
    if (shape.input != Input::kLayers) {
      pooled_adapter_.emplace(&weights(), "pooled_adapter", dims.hidden, shape.width, shape.style);
    }
    output_.emplace(&weights(), FeaturesOf(dims, shape), 2, shape.style);
  }

 private:
  void AddLayerAdapters() {
    const int64_t d = shape_.width;
    if (shape_.shared) {
      adapter_.emplace(&weights(), "adapter", dims().hidden, d, shape_.style);
      return;
    }
    adapter_weight_ =
        weights().TruncatedNormal("adapter.weight", {dims().layers, dims().hidden, d}, kAdapterSigma);
    adapter_bias_ = weights().Constant("adapter.bias", {dims().layers, d}, 0);
  }

  at::Tensor Logits(const at::Tensor& states, const at::Tensor&, const HeadPass&) const override {
    at::Tensor logits = output_->bias();
    int64_t row = 0;
    const auto next_rows = [&](int64_t count) {
      row += count;
      return output_->weight().narrow(0, row - count, count);
    };
    if (shape_.input != Input::kPooled) {
      logits = logits + LayerLogits(states, next_rows(dims().layers * shape_.width));
    }
    if (shape_.input != Input::kLayers) {
      logits = logits + at::linear((*pooled_adapter_)((*pooling_)(states)), next_rows(shape_.width).t());
    }
    if (shape_.skip) {
      logits = logits + ProjectRows(states.select(1, dims().layers - 1), next_rows(dims().hidden).t());
    }
    return logits;
  }

  at::Tensor LayerLogits(const at::Tensor& states, const at::Tensor& output) const {
    const int64_t tokens = states.size(0), layers = dims().layers, d = shape_.width;
    at::Tensor adapted;  // [N, L, d]
    if (shape_.shared) {
      adapted = (*adapter_)(states.flatten(0, 1));
    } else {
      std::vector<at::Tensor> parts;
      for (int64_t l = 0; l < layers; ++l) {
        parts.push_back(
            ProjectRows(states.select(1, l), adapter_weight_.select(0, l).t(), adapter_bias_.select(0, l)));
      }
      adapted = Gelu(at::stack(parts, 1), shape_.style);
    }
    // The output's rows are feature-major (spec B.5); turning them costs less than turning the features.
    const at::Tensor turned = output.view({d, layers, 2}).permute({2, 1, 0}).reshape({2, layers * d});
    return at::linear(adapted.view({tokens, layers * d}), turned);
  }

  void Describe(HeadOutline* outline) const override {
    const int64_t layers = dims().layers, d = shape_.width, hidden = dims().hidden;
    const auto tokens = static_cast<double>(outline->tokens());
    const double rows = tokens * static_cast<double>(layers);
    const std::vector<int64_t> adapted = {HeadOutline::kTokens, layers, d};
    if (adapter_) adapter_->Describe(adapted, rows, outline);
    if (adapter_weight_.defined()) {
      const double values = rows * static_cast<double>(d);
      outline->Add(Cat("an adapter per layer to ", d, ", GELU"), adapted,
                   adapter_weight_.numel() + adapter_bias_.numel(), values * static_cast<double>(hidden),
                   3 * values);
    }
    if (pooling_) {
      pooling_->Describe(hidden, outline);
      pooled_adapter_->Describe({HeadOutline::kTokens, d}, tokens, outline);
    }
    const int64_t features = FeaturesOf(dims(), shape_);
    outline->Add(shape_.skip ? "end to end, with the last layer's state" : "end to end",
                 {HeadOutline::kTokens, features}, 0, 0, 0);
    output_->Describe(true, outline);
  }

  AdapterShape shape_;
  std::optional<Pooling> pooling_;
  std::optional<Adapter> adapter_, pooled_adapter_;
  at::Tensor adapter_weight_, adapter_bias_;  // one per layer
  std::optional<Output> output_;
};

}  // namespace

std::unique_ptr<Head> MakeAdapterHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                      const AdapterShape& shape) {
  return std::make_unique<AdapterHead>(name, dims, init, shape);
}

}  // namespace bv
