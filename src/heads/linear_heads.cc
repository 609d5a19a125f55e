#include "heads/linear_heads.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/softmax.h>

#include "heads/state_ops.h"

namespace bv {
namespace {

class LearnedPoolingHead : public Head {
 public:
  LearnedPoolingHead(const std::string& name, const BackboneDims& dims, uint64_t seed)
      : Head(name, dims, seed),
        pooling_weight_(AddNormal("pooling.weight", {dims.layers}, 0.05)),
        pooling_scale_(AddConstant("pooling.scale", {}, 1)),
        output_weight_(AddGlorotUniform("output.weight", dims.hidden, 2)),
        output_bias_(AddConstant("output.bias", {2}, 0)) {}

 private:
  // The output is linear, so it may come before the pooling: 2 values per state instead of H.
  at::Tensor Logits(const at::Tensor& states, const at::Tensor&) const override {
    const at::Tensor projected = ProjectRows(states.flatten(0, 1), output_weight_.t());
    const at::Tensor weights = at::softmax(pooling_weight_, 0) * pooling_scale_;
    return (projected.view({states.size(0), dims().layers, 2}) * weights.unsqueeze(1)).sum(1) + output_bias_;
  }

  at::Tensor pooling_weight_, pooling_scale_, output_weight_, output_bias_;
};

class LayerHead : public Head {
 public:
  LayerHead(const std::string& name, const BackboneDims& dims, uint64_t seed, int64_t layer)
      : Head(name, dims, seed),
        layer_(layer),
        output_weight_(AddGlorotUniform("output.weight", dims.hidden, 2)),
        output_bias_(AddConstant("output.bias", {2}, 0)) {}

 private:
  at::Tensor Logits(const at::Tensor& states, const at::Tensor&) const override {
    return ProjectRows(states.select(1, layer_), output_weight_.t(), output_bias_);
  }

  int64_t layer_;
  at::Tensor output_weight_, output_bias_;
};

}  // namespace

std::unique_ptr<Head> MakeLearnedPoolingHead(const std::string& name, const BackboneDims& dims,
                                             uint64_t seed) {
  return std::make_unique<LearnedPoolingHead>(name, dims, seed);
}

std::unique_ptr<Head> MakeLayerHead(const std::string& name, const BackboneDims& dims, uint64_t seed,
                                    int64_t layer) {
  return std::make_unique<LayerHead>(name, dims, seed, layer);
}

}  // namespace bv
