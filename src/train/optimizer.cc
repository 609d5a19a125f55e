#include "train/optimizer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

// Step number that makes beta^t vanish, so that the fused kernels apply no bias correction.
constexpr double kNoCorrection = 1e9;

at::Tensor LoadTensor(const TensorFile& file, const std::string& name, const at::Tensor& like) {
  const std::string path = file.path().string();
  at::Tensor value = file.Get(name);
  if (value.sizes() != like.sizes() || value.scalar_type() != like.scalar_type()) {
    throw DataError(path, Cat("optimiser state ", Quoted(name), " is ", value.toString(), " ", value.sizes(),
                              ", needed: ", like.toString(), " ", like.sizes()));
  }
  RequireFinite(value, name, path);
  return value;
}

}  // namespace

std::vector<AdamGroup> SplitByDecay(const std::vector<NamedTensor>& parameters, double weight_decay,
                                    const std::vector<std::string>& no_decay) {
  AdamGroup decayed{{}, weight_decay, 1};
  AdamGroup plain{{}, 0, 1};
  for (const NamedTensor& parameter : parameters) {
    const bool excluded = std::any_of(no_decay.begin(), no_decay.end(), [&](const std::string& part) {
      return parameter.name.find(part) != std::string::npos;
    });
    (excluded ? plain : decayed).parameters.push_back(parameter);
  }
  std::vector<AdamGroup> groups;
  for (AdamGroup* group : {&decayed, &plain}) {
    if (!group->parameters.empty()) groups.push_back(std::move(*group));
  }
  return groups;
}

Adam::Adam(std::vector<AdamGroup> groups, const AdamOptions& options) : options_(options) {
  std::set<std::string> names;
  for (AdamGroup& from : groups) {
    Group group{{}, from.weight_decay, from.lr_scale};
    for (NamedTensor& parameter : from.parameters) {
      const at::Tensor& value = parameter.tensor;
      if (!names.insert(parameter.name).second || value.scalar_type() != at::kFloat || !value.is_leaf()) {
        throw Error(ErrorKind::kInternal,
                    Cat("Adam: the parameter ", parameter.name, " is twice there, not f32 or not a leaf"));
      }
      at::Tensor zeros = at::zeros_like(value, value.options().requires_grad(false));
      group.slots.push_back({std::move(parameter), zeros, zeros.clone()});
    }
    groups_.push_back(std::move(group));
  }
}

double Adam::ClipGradients() {
  std::vector<at::Tensor> gradients;
  for (const Group& group : groups_) {
    for (const Slot& slot : group.slots) {
      if (slot.parameter.tensor.grad().defined()) gradients.push_back(slot.parameter.tensor.grad());
    }
  }
  if (gradients.empty()) return 0;
  const at::Tensor norms = at::stack(at::_foreach_norm(gradients));
  const double norm = at::linalg_vector_norm(norms).item<double>();
  if (!std::isfinite(norm)) {
    throw Error(ErrorKind::kData, Cat("training diverged at step ", steps_ + 1,
                                      ": the gradient is not finite; try a smaller learning rate"));
  }
  const double factor = options_.clip_norm / (norm + 1e-6);
  if (factor < 1) at::_foreach_mul_(gradients, factor);
  return norm;
}

void Adam::StepGroup(const Group& group, double lr) {
  std::vector<at::Tensor> parameters, gradients, averages, squares, steps;
  const double t = static_cast<double>(steps_);
  const bool keras = options_.epsilon_placement == AdamOptions::Epsilon::kKeras;
  double rate = lr * group.lr_scale;
  const double decay_rate = rate * group.weight_decay;
  if (options_.bias_correction && keras) {
    rate *= std::sqrt(1 - std::pow(options_.beta2, t)) / (1 - std::pow(options_.beta1, t));
  }
  const at::Tensor step =
      at::scalar_tensor(options_.bias_correction && !keras ? t : kNoCorrection, at::kFloat);
  at::Tensor device_step;
  for (const Slot& slot : group.slots) {
    const at::Tensor& parameter = slot.parameter.tensor;
    if (!parameter.grad().defined()) continue;
    if (!device_step.defined()) device_step = step.to(parameter.device());
    parameters.push_back(parameter);
    gradients.push_back(parameter.grad());
    averages.push_back(slot.exp_avg);
    squares.push_back(slot.exp_avg_sq);
    steps.push_back(device_step);
  }
  if (parameters.empty()) return;
  if (options_.decay == AdamOptions::Decay::kBeforeStep && !(options_.bias_correction && keras)) {
    at::_fused_adamw_(parameters, gradients, averages, squares, {}, steps, rate, options_.beta1,
                      options_.beta2, group.weight_decay, options_.epsilon, false, false);
    return;
  }
  // AdamW's kernel would decay by the Keras rate, which is not the learning rate.
  if (options_.decay == AdamOptions::Decay::kBeforeStep && decay_rate != 0) {
    at::_foreach_mul_(parameters, 1 - decay_rate);
  }
  const double coupled = options_.decay == AdamOptions::Decay::kCoupled ? group.weight_decay : 0;
  at::_fused_adam_(parameters, gradients, averages, squares, {}, steps, rate, options_.beta1, options_.beta2,
                   coupled, options_.epsilon, false, false);
  if (options_.decay == AdamOptions::Decay::kAfterStep && decay_rate != 0) {
    at::_foreach_mul_(parameters, 1 - decay_rate);
  }
}

double Adam::Step(double lr) {
  at::NoGradGuard no_grad;
  const double norm = options_.clip_norm > 0 ? ClipGradients() : 0;
  ++steps_;
  for (const Group& group : groups_) StepGroup(group, lr);
  return norm;
}

void Adam::ZeroGrad() {
  for (Group& group : groups_) {
    for (Slot& slot : group.slots) slot.parameter.tensor.mutable_grad() = at::Tensor();
  }
}

void Adam::Restart() {
  at::NoGradGuard no_grad;
  steps_ = 0;
  for (Group& group : groups_) {
    for (Slot& slot : group.slots) {
      slot.exp_avg.zero_();
      slot.exp_avg_sq.zero_();
    }
  }
}

std::vector<NamedTensor> Adam::State() const {
  std::vector<NamedTensor> state;
  state.push_back({"step", at::scalar_tensor(steps_, at::kLong)});
  for (const Group& group : groups_) {
    for (const Slot& slot : group.slots) {
      state.push_back({"exp_avg/" + slot.parameter.name, slot.exp_avg});
      state.push_back({"exp_avg_sq/" + slot.parameter.name, slot.exp_avg_sq});
    }
  }
  return state;
}

void Adam::LoadState(const TensorFile& file) {
  at::NoGradGuard no_grad;
  const at::Tensor step = LoadTensor(file, "step", at::scalar_tensor(0, at::kLong));
  std::vector<std::pair<at::Tensor, at::Tensor>> values;
  for (const NamedTensor& entry : State()) {
    if (entry.name != "step") values.emplace_back(entry.tensor, LoadTensor(file, entry.name, entry.tensor));
  }
  if (step.item<int64_t>() < 0) {
    throw DataError(file.path().string(), Cat("optimiser state: step is ", step.item<int64_t>()));
  }
  for (auto& [to, from] : values) to.copy_(from);
  steps_ = step.item<int64_t>();
}

}  // namespace bv
