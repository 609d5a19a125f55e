#include "heads/dense_blocks.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/softmax.h>

#include "base/strings.h"
#include "heads/state_ops.h"

namespace bv {
namespace {

constexpr double kAdapterSigma = 1e-3;

}  // namespace

at::Tensor Gelu(const at::Tensor& x, DenseStyle style) {
  return at::gelu(x, style == DenseStyle::kKeras ? "tanh" : "none");
}

Pooling::Pooling(HeadWeights* weights, int64_t layers, Kind kind) : layers_(layers) {
  if (kind == Kind::kMean) return;
  weight_ = weights->Normal("pooling.weight", {layers}, 0.05);
  scale_ = weights->Constant("pooling.scale", {}, 1);
}

at::Tensor Pooling::operator()(const at::Tensor& states) const {
  if (weight_.defined()) return PoolStates(states, at::softmax(weight_, 0) * scale_);
  const auto options = at::TensorOptions(states.device()).dtype(at::kFloat);
  return PoolStates(states, at::full({layers_}, 1 / static_cast<double>(layers_), options));
}

void Pooling::Describe(int64_t hidden, HeadOutline* outline) const {
  const auto tokens = static_cast<double>(outline->tokens());
  const auto values = static_cast<double>(layers_ * hidden);
  outline->Add(weight_.defined() ? "weighted mean of the layers" : "mean of the layers",
               {HeadOutline::kTokens, hidden}, weight_.defined() ? layers_ + 1 : 0, tokens * values,
               tokens * static_cast<double>(hidden));
}

Adapter::Adapter(HeadWeights* weights, const std::string& name, int64_t in, int64_t width, DenseStyle style)
    : style_(style) {
  if (style == DenseStyle::kTorch) {
    weight_ = weights->TorchUniform(name + ".weight", {in, width}, in);
    bias_ = weights->TorchUniform(name + ".bias", {width}, in);
    return;
  }
  weight_ = weights->TruncatedNormal(name + ".weight", {in, width}, kAdapterSigma);
  bias_ = weights->Constant(name + ".bias", {width}, 0);
}

at::Tensor Adapter::operator()(const at::Tensor& rows) const {
  return Gelu(ProjectRows(rows, weight_.t(), bias_), style_);
}

void Adapter::Describe(const std::vector<int64_t>& shape, double rows, HeadOutline* outline) const {
  const auto values = static_cast<double>(width());
  outline->Add(Cat("adapter to ", width(), ", GELU"), shape, weight_.numel() + bias_.numel(),
               rows * values * static_cast<double>(weight_.size(0)), 2 * rows * values);
}

Output::Output(HeadWeights* weights, int64_t features, int64_t outputs, DenseStyle style) {
  if (style == DenseStyle::kTorch) {
    weight_ = weights->TorchUniform("output.weight", {features, outputs}, features);
    bias_ = weights->TorchUniform("output.bias", {outputs}, features);
    return;
  }
  weight_ = weights->GlorotUniform("output.weight", features, outputs);
  bias_ = weights->Constant("output.bias", {outputs}, 0);
}

at::Tensor Output::operator()(const at::Tensor& features) const {
  return at::addmm(bias_, features, weight_);
}

at::Tensor Output::OfStates(const at::Tensor& states) const {
  return ProjectRows(states, weight_.t(), bias_);
}

void Output::Describe(bool per_token, HeadOutline* outline) const {
  const double rows = per_token ? static_cast<double>(outline->tokens()) : 1;
  const int64_t outputs = weight_.size(1);
  outline->Add(
      Cat("linear to ", outputs),
      per_token ? std::vector<int64_t>{HeadOutline::kTokens, outputs} : std::vector<int64_t>{outputs},
      weight_.numel() + outputs, rows * static_cast<double>(weight_.numel()),
      2 * rows * static_cast<double>(outputs));
}

}  // namespace bv
