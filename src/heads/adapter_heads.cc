#include "heads/adapter_heads.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>

#include <vector>

#include "heads/state_ops.h"

namespace bv {
namespace {

using Input = AdapterShape::Input;

constexpr double kAdapterSigma = 1e-3;

class AdapterHead : public Head {
 public:
  AdapterHead(const std::string& name, const BackboneDims& dims, uint64_t seed, const AdapterShape& shape)
      : Head(name, dims, seed), shape_(shape) {
    const int64_t d = shape.width;
    if (shape.input != Input::kLayers) {
      pooling_weight_ = AddNormal("pooling.weight", {dims.layers}, 0.05);
      pooling_scale_ = AddConstant("pooling.scale", {}, 1);
    }
    int64_t features = 0;
    if (shape.input != Input::kPooled) {
      const std::vector<int64_t> weight = {dims.layers, dims.hidden, d};
      const std::vector<int64_t> bias = {dims.layers, d};
      const size_t first = shape.shared ? 1 : 0;
      adapter_weight_ =
          AddTruncatedNormal("adapter.weight", at::IntArrayRef(weight).slice(first), kAdapterSigma);
      adapter_bias_ = AddConstant("adapter.bias", at::IntArrayRef(bias).slice(first), 0);
      features += dims.layers * d;
    }
    if (shape.input != Input::kLayers) {
      pooled_weight_ = AddTruncatedNormal("pooled_adapter.weight", {dims.hidden, d}, kAdapterSigma);
      pooled_bias_ = AddConstant("pooled_adapter.bias", {d}, 0);
      features += d;
    }
    if (shape.skip) features += dims.hidden;
    output_weight_ = AddGlorotUniform("output.weight", features, 2);
    output_bias_ = AddConstant("output.bias", {2}, 0);
  }

 private:
  at::Tensor Logits(const at::Tensor& states, const at::Tensor&) const override {
    at::Tensor logits = output_bias_;
    int64_t row = 0;
    const auto next_rows = [&](int64_t count) {
      row += count;
      return output_weight_.narrow(0, row - count, count);
    };
    if (shape_.input != Input::kPooled) {
      logits = logits + LayerLogits(states, next_rows(dims().layers * shape_.width));
    }
    if (shape_.input != Input::kLayers) logits = logits + PooledLogits(states, next_rows(shape_.width));
    if (shape_.skip) {
      logits = logits + ProjectRows(states.select(1, dims().layers - 1), next_rows(dims().hidden).t());
    }
    return logits;
  }

  at::Tensor LayerLogits(const at::Tensor& states, const at::Tensor& output) const {
    const int64_t tokens = states.size(0), layers = dims().layers, d = shape_.width;
    at::Tensor adapted;  // [N, L, d]
    if (shape_.shared) {
      adapted = ProjectRows(states.flatten(0, 1), adapter_weight_.t(), adapter_bias_);
    } else {
      std::vector<at::Tensor> parts;
      for (int64_t l = 0; l < layers; ++l) {
        parts.push_back(
            ProjectRows(states.select(1, l), adapter_weight_.select(0, l).t(), adapter_bias_.select(0, l)));
      }
      adapted = at::stack(parts, 1);
    }
    // The output's rows are feature-major (spec B.5); turning them costs less than turning the features.
    const at::Tensor turned = output.view({d, layers, 2}).permute({2, 1, 0}).reshape({2, layers * d});
    return at::linear(at::gelu(adapted, "tanh").view({tokens, layers * d}), turned);
  }

  at::Tensor PooledLogits(const at::Tensor& states, const at::Tensor& output) const {
    const at::Tensor pooled = PoolStates(states, at::softmax(pooling_weight_, 0) * pooling_scale_);
    const at::Tensor adapted = ProjectRows(pooled, pooled_weight_.t(), pooled_bias_);
    return at::linear(at::gelu(adapted, "tanh"), output.t());
  }

  AdapterShape shape_;
  at::Tensor pooling_weight_, pooling_scale_, adapter_weight_, adapter_bias_, pooled_weight_, pooled_bias_;
  at::Tensor output_weight_, output_bias_;
};

}  // namespace

std::unique_ptr<Head> MakeAdapterHead(const std::string& name, const BackboneDims& dims, uint64_t seed,
                                      const AdapterShape& shape) {
  return std::make_unique<AdapterHead>(name, dims, seed, shape);
}

int64_t AdapterHeadParameters(const BackboneDims& dims, const AdapterShape& shape) {
  const int64_t layers = dims.layers, hidden = dims.hidden, d = shape.width;
  const bool on_layers = shape.input != Input::kPooled, on_pooled = shape.input != Input::kLayers;
  const int64_t adapters = (on_layers ? (shape.shared ? 1 : layers) : 0) + (on_pooled ? 1 : 0);
  const int64_t features = (on_layers ? layers * d : 0) + (on_pooled ? d : 0) + (shape.skip ? hidden : 0);
  return adapters * (hidden * d + d) + (on_pooled ? layers + 1 : 0) + 2 * features + 2;
}

}  // namespace bv
