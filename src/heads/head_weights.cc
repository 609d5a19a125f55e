#include "heads/head_weights.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <cmath>
#include <utility>

#include "base/rng.h"
#include "base/strings.h"

namespace bv {
namespace {

at::TensorOptions OptionsOf(const HeadInit& init) {
  return at::TensorOptions(init.sizes_only() ? at::kMeta : at::kCPU).dtype(at::kFloat);
}

}  // namespace

at::Tensor HeadWeights::Add(const std::string& name, at::Tensor value, std::string start) {
  value.set_requires_grad(true);
  starts_.push_back(std::move(start));
  parameters_.push_back({name, value});
  return value;
}

template <typename Draw>
at::Tensor HeadWeights::Drawn(const std::string& name, at::IntArrayRef shape, std::string start,
                              const Draw& draw) {
  if (init_.sizes_only()) return Add(name, at::empty(shape, OptionsOf(init_)), std::move(start));
  Rng rng(SubSeed(SubSeed(init_.seed(), head_), name));
  at::Tensor tensor = at::empty(shape, at::kFloat);
  float* values = tensor.mutable_data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) values[i] = static_cast<float>(draw(rng));
  return Add(name, tensor, std::move(start));
}

at::Tensor HeadWeights::Constant(const std::string& name, at::IntArrayRef shape, double value) {
  return Add(name, at::full(shape, value, OptionsOf(init_)), Cat(value));
}

at::Tensor HeadWeights::Normal(const std::string& name, at::IntArrayRef shape, double sigma) {
  return Drawn(name, shape, Cat("normal, sigma ", sigma), [&](Rng& rng) { return sigma * rng.Normal(); });
}

at::Tensor HeadWeights::TruncatedNormal(const std::string& name, at::IntArrayRef shape, double sigma) {
  return Drawn(name, shape, Cat("normal, sigma ", sigma, ", cut at 2 sigma"),
               [&](Rng& rng) { return sigma * rng.TruncatedNormal(); });
}

at::Tensor HeadWeights::Uniform(const std::string& name, at::IntArrayRef shape, double limit) {
  return Drawn(name, shape, Cat("uniform within ", limit),
               [&](Rng& rng) { return limit * (2 * rng.Uniform() - 1); });
}

at::Tensor HeadWeights::GlorotUniform(const std::string& name, at::IntArrayRef shape, int64_t fan_in,
                                      int64_t fan_out) {
  return Uniform(name, shape, std::sqrt(6.0 / static_cast<double>(fan_in + fan_out)));
}

at::Tensor HeadWeights::GlorotUniform(const std::string& name, int64_t fan_in, int64_t fan_out) {
  return GlorotUniform(name, {fan_in, fan_out}, fan_in, fan_out);
}

at::Tensor HeadWeights::TorchUniform(const std::string& name, at::IntArrayRef shape, int64_t fan_in) {
  return Uniform(name, shape, 1 / std::sqrt(static_cast<double>(fan_in)));
}

at::Tensor HeadWeights::Buffer(const std::string& name, at::IntArrayRef shape, double value) {
  at::Tensor tensor = at::full(shape, value, OptionsOf(init_));
  buffers_.push_back({name, tensor});
  return tensor;
}

void HeadWeights::To(const at::Device& device) {
  at::NoGradGuard no_grad;
  for (std::vector<NamedTensor>* list : {&parameters_, &buffers_}) {
    for (NamedTensor& entry : *list) {
      entry.tensor.mutable_grad() = at::Tensor();
      entry.tensor.set_data(entry.tensor.detach().to(device));
    }
  }
}

}  // namespace bv
