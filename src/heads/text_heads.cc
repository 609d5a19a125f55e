#include "heads/text_heads.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/silu.h>

#include <cmath>

#include "base/error.h"
#include "base/rng.h"
#include "base/strings.h"
#include "heads/dense_blocks.h"
#include "heads/state_ops.h"
#include "heads/token_grid.h"
#include "kernels/kernels.h"

namespace bv {
namespace {

constexpr double kDropout = 0.3, kNormEpsilon = 1e-5;

int64_t PlacesOf(const std::string& name, const BackboneDims& dims) {
  if (dims.tokens > 0) return dims.tokens;
  throw Error(ErrorKind::kUsage, Cat("head ", name,
                                     " has a weight for each place of a window and needs to "
                                     "know how many there are at most"));
}

// features [N, F] of the tokens, weight [T * F, C]: what every window's sum over its places is, [B, C].
at::Tensor SumOverPlaces(const at::Tensor& features, const at::Tensor& weight, const at::Tensor& bias,
                         const at::Tensor& offsets, const Head& head) {
  // Only as many places as the batch's longest window has; the rest would be multiplied by zeros.
  RequirePlaces(offsets, head.dims().tokens, head.name());
  const TokenGrid grid(offsets, features.device());
  const at::Tensor rows = grid.Spread(features).flatten(1);
  return at::addmm(bias, rows, weight.narrow(0, 0, rows.size(1)));
}

void DescribePlaces(const Output& output, int64_t features, HeadOutline* outline) {
  outline->Add("end to end, all tokens", {features}, 0, 0, static_cast<double>(features));
  output.Describe(false, outline);
}

class ApHead : public Head {
 public:
  ApHead(const std::string& name, const BackboneDims& dims, HeadInit init, int64_t width)
      : Head(name, HeadKind::kText, dims, init),
        adapter_(&weights(), "adapter", dims.hidden, width, DenseStyle::kTorch),
        output_(&weights(), PlacesOf(name, dims) * width * dims.layers, dims.outputs, DenseStyle::kTorch) {}

 private:
  at::Tensor Logits(const at::Tensor& states, const at::Tensor& offsets, const HeadPass&) const override {
    const int64_t tokens = states.size(0), layers = dims().layers, d = adapter_.width();
    const at::Tensor adapted = adapter_(states.flatten(0, 1)).view({tokens, layers * d});
    // The output's rows are feature-major within a token; turning them costs less than turning the features.
    const at::Tensor turned = output_.weight()
                                  .view({dims().tokens, d, layers, dims().outputs})
                                  .permute({0, 2, 1, 3})
                                  .reshape({-1, dims().outputs});
    return SumOverPlaces(adapted, turned, output_.bias(), offsets, *this);
  }

  void Describe(HeadOutline* outline) const override {
    const int64_t layers = dims().layers, d = adapter_.width();
    adapter_.Describe({HeadOutline::kTokens, layers, d}, static_cast<double>(outline->tokens() * layers),
                      outline);
    DescribePlaces(output_, dims().tokens * layers * d, outline);
  }

  Adapter adapter_;
  Output output_;
};

class DetectPartsHead : public Head {
 public:
  DetectPartsHead(const std::string& name, const BackboneDims& dims, HeadInit init, int64_t width)
      : Head(name, HeadKind::kText, dims, init),
        depth_(weights().Constant("depth.weight", {dims.layers, dims.hidden}, 0)),
        adapter_weight_(weights().Normal("adapter.weight", {dims.hidden, width}, Sigma(dims.hidden))),
        adapter_bias_(weights().Constant("adapter.bias", {width}, 0)),
        norm_weight_(weights().Constant("adapter.norm.weight", {width}, 1)),
        norm_bias_(weights().Constant("adapter.norm.bias", {width}, 0)),
        output_weight_(weights().Normal("output.weight", {Features(), dims.outputs}, Sigma(Features()))),
        output_bias_(weights().Constant("output.bias", {dims.outputs}, 0)) {}

 private:
  // Kaiming normal with the gain of a ReLU.
  static double Sigma(int64_t fan_in) { return std::sqrt(2.0 / static_cast<double>(fan_in)); }
  int64_t Features() const { return PlacesOf(name(), dims()) * dims().layers * adapter_bias_.size(0); }

  at::Tensor Logits(const at::Tensor& states, const at::Tensor& offsets,
                    const HeadPass& pass) const override {
    const int64_t tokens = states.size(0), layers = dims().layers, d = adapter_bias_.size(0);
    // (x + depth) W = x W + depth W: no f32 copy of the states.
    const at::Tensor depth = at::addmm(adapter_bias_, depth_, adapter_weight_);
    const at::Tensor product =
        ProjectRows(states.flatten(0, 1), adapter_weight_.t()).view({tokens, layers, d}) + depth;
    const at::Tensor parts = at::layer_norm(at::silu(product), {d}, norm_weight_, norm_bias_, kNormEpsilon);
    at::Tensor features = Gelu(parts, DenseStyle::kTorch).view({tokens, layers * d});
    if (pass.training) features = kernels::Dropout(features, {kDropout, Mix64(pass.seed, 0)});
    return SumOverPlaces(features, output_weight_, output_bias_, offsets, *this);
  }

  void Describe(HeadOutline* outline) const override {
    const int64_t layers = dims().layers, d = adapter_bias_.size(0);
    const auto values = static_cast<double>(outline->tokens() * layers * d);
    const std::vector<int64_t> shape = {HeadOutline::kTokens, layers, d};
    outline->Add(Cat("plus a depth embedding, linear to ", d, ", swish"), shape,
                 depth_.numel() + adapter_weight_.numel() + d, values * static_cast<double>(dims().hidden),
                 2 * values);
    outline->Add(Cat("LayerNorm, GELU, dropout ", kDropout), shape, 2 * d, 0, 2 * values);
    outline->Add("end to end, all tokens", {Features()}, 0, 0, static_cast<double>(Features()));
    outline->Add(Cat("linear to ", dims().outputs), {dims().outputs}, output_weight_.numel() + dims().outputs,
                 static_cast<double>(output_weight_.numel()), 0);
  }

  at::Tensor depth_, adapter_weight_, adapter_bias_, norm_weight_, norm_bias_, output_weight_, output_bias_;
};

}  // namespace

std::unique_ptr<Head> MakeApHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                 int64_t width) {
  return std::make_unique<ApHead>(name, dims, init, width);
}

std::unique_ptr<Head> MakeDetectPartsHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                          int64_t width) {
  return std::make_unique<DetectPartsHead>(name, dims, init, width);
}

}  // namespace bv
