#include "heads/head.h"

#include <utility>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

int64_t ValuesOf(const std::vector<NamedTensor>& tensors) {
  int64_t count = 0;
  for (const NamedTensor& entry : tensors) count += entry.tensor.numel();
  return count;
}

}  // namespace

Head::Head(std::string name, HeadKind kind, const BackboneDims& dims, HeadInit init)
    : name_(std::move(name)), kind_(kind), dims_(dims), weights_(name_, init) {
  if (dims.layers < 1 || dims.hidden < 1 || dims.outputs < 1 || dims.tokens < 0 || dims.width < 0) {
    throw Error(ErrorKind::kInternal,
                Cat("head ", name_, ": dimensions ", dims.layers, " x ", dims.hidden, ", outputs ",
                    dims.outputs, ", tokens ", dims.tokens, ", width ", dims.width));
  }
  if (kind == HeadKind::kSpan && dims.outputs != 2) {
    throw Error(ErrorKind::kUsage, Cat("head ", name_, ": a span head has two outputs, start and end, not ",
                                       dims.outputs, "; is it meant for another task?"));
  }
}

at::Tensor Head::Forward(const at::Tensor& states, const at::Tensor& offsets, const HeadPass& pass) const {
  if (states.dim() != 3 || states.size(1) != dims_.layers || states.size(2) != dims_.hidden) {
    throw Error(ErrorKind::kData,
                Cat("head ", name_, ": states are ", states.sizes(), ", needed: [",
                    kind_ == HeadKind::kRow ? "windows" : "tokens", ", ", dims_.layers, ", ", dims_.hidden,
                    "]; were they extracted with another backbone or other layers?"));
  }
  return Logits(states, offsets, pass);
}

std::vector<NamedTensor> Head::tensors() const {
  std::vector<NamedTensor> all = parameters();
  all.insert(all.end(), buffers().begin(), buffers().end());
  return all;
}

int64_t Head::ParameterCount() const {
  return ValuesOf(parameters()) + ValuesOf(buffers());
}

int64_t Head::TrainableCount() const {
  return ValuesOf(parameters());
}

HeadOutline Head::Outline(int64_t tokens) const {
  HeadOutline outline(tokens, kind_ == HeadKind::kRow);
  Describe(&outline);
  return outline;
}

}  // namespace bv
