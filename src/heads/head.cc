#include "heads/head.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/rng.h"
#include "base/strings.h"

namespace bv {
namespace {

template <typename Draw>
at::Tensor Filled(at::IntArrayRef shape, const Draw& draw) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  float* values = tensor.mutable_data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) values[i] = static_cast<float>(draw());
  return tensor;
}

Rng StreamOf(uint64_t seed, const std::string& head, const std::string& tensor) {
  return Rng(SubSeed(SubSeed(seed, head), tensor));
}

}  // namespace

Head::Head(std::string name, const BackboneDims& dims, uint64_t seed)
    : name_(std::move(name)), dims_(dims), seed_(seed) {
  if (dims.layers < 1 || dims.hidden < 1) {
    throw Error(ErrorKind::kInternal, Cat("head ", name_, ": dimensions ", dims.layers, " x ", dims.hidden));
  }
}

at::Tensor Head::Forward(const at::Tensor& states, const at::Tensor& offsets) const {
  if (states.dim() != 3 || states.size(1) != dims_.layers || states.size(2) != dims_.hidden) {
    throw Error(ErrorKind::kData,
                Cat("head ", name_, ": states are ", states.sizes(), ", needed: [tokens, ", dims_.layers,
                    ", ", dims_.hidden, "]; were they extracted with another backbone or other layers?"));
  }
  return Logits(states, offsets);
}

int64_t Head::ParameterCount() const {
  int64_t count = 0;
  for (const NamedTensor& parameter : parameters_) count += parameter.tensor.numel();
  return count;
}

void Head::To(const at::Device& device) {
  at::NoGradGuard no_grad;
  for (NamedTensor& parameter : parameters_) {
    parameter.tensor.mutable_grad() = at::Tensor();
    parameter.tensor.set_data(parameter.tensor.detach().to(device));
  }
}

at::Tensor Head::Add(const std::string& name, at::Tensor value) {
  value.set_requires_grad(true);
  parameters_.push_back({name, value});
  return value;
}

at::Tensor Head::AddConstant(const std::string& name, at::IntArrayRef shape, double value) {
  return Add(name, at::full(shape, value, at::kFloat));
}

at::Tensor Head::AddNormal(const std::string& name, at::IntArrayRef shape, double sigma) {
  Rng rng = StreamOf(seed_, name_, name);
  return Add(name, Filled(shape, [&] { return sigma * rng.Normal(); }));
}

at::Tensor Head::AddTruncatedNormal(const std::string& name, at::IntArrayRef shape, double sigma) {
  Rng rng = StreamOf(seed_, name_, name);
  return Add(name, Filled(shape, [&] { return sigma * rng.TruncatedNormal(); }));
}

at::Tensor Head::AddGlorotUniform(const std::string& name, int64_t fan_in, int64_t fan_out) {
  const double limit = std::sqrt(6.0 / static_cast<double>(fan_in + fan_out));
  Rng rng = StreamOf(seed_, name_, name);
  return Add(name, Filled({fan_in, fan_out}, [&] { return limit * (2 * rng.Uniform() - 1); }));
}

}  // namespace bv
