#include "train/finetuner.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/mul.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/rng.h"
#include "base/strings.h"
#include "states/task_output.h"
#include "train/task_loss.h"

namespace bv {
namespace {

constexpr const char* kWeights = "weights.safetensors";
constexpr const char* kOptimizer = "optimizer.safetensors";

AdamOptions OptimizerOptions(const FineTuneOptions& options) {
  AdamOptions adam;
  adam.clip_norm = options.clip_norm;
  if (options.recipe == FineTuneRecipe::kPaperTf) {
    adam.epsilon = 1e-7;
    adam.epsilon_placement = AdamOptions::Epsilon::kKeras;
  } else if (options.recipe == FineTuneRecipe::kPaperTorch) {
    adam.epsilon = 1e-6;
    adam.bias_correction = false;
    adam.decay = AdamOptions::Decay::kAfterStep;
  }
  return adam;
}

Schedule MakeSchedule(const FineTuneOptions& options, int64_t total_steps) {
  const auto warmup = static_cast<int64_t>(options.warmup * static_cast<double>(total_steps));
  const bool constant = options.recipe == FineTuneRecipe::kPaperTf;
  return {constant ? ScheduleKind::kConstant : ScheduleKind::kLinearDecay, warmup, total_steps};
}

std::vector<NamedTensor> AllParameters(const BertWeights& weights) {
  std::vector<NamedTensor> parameters = weights.encoder;
  if (weights.has_class_output())
    parameters.insert(parameters.end(), weights.pooler.begin(), weights.pooler.end());
  parameters.insert(parameters.end(), weights.output.begin(), weights.output.end());
  for (auto& parameter : parameters) parameter.tensor.requires_grad_(true);
  return parameters;
}

}  // namespace

FineTuner::FineTuner(BertWeights* weights, TaskKind kind, const TaskWindows& windows,
                     const FineTuneOptions& options)
    : weights_(weights),
      kind_(kind),
      windows_(windows),
      options_(options),
      encoder_(*weights, options.precision),
      optimizer_(SplitByDecay(AllParameters(*weights), options.weight_decay, {"bias", "LayerNorm"}),
                 OptimizerOptions(options)),
      total_steps_(
          StepAtEpoch(options.epochs, static_cast<int64_t>(windows.windows.size()), options.batch_size)) {
  if (windows.windows.empty()) throw Error(ErrorKind::kData, "there is nothing to train on: no windows");
  schedule_ = MakeSchedule(options, total_steps_);
}

double FineTuner::epoch() const {
  return static_cast<double>(step_) /
         static_cast<double>(
             StepsPerEpoch(static_cast<int64_t>(windows_.windows.size()), options_.batch_size));
}

std::span<const int64_t> FineTuner::Batch(int64_t step) {
  const auto count = static_cast<int64_t>(windows_.windows.size());
  const int64_t per_epoch = StepsPerEpoch(count, options_.batch_size);
  const int64_t epoch = step / per_epoch;
  if (epoch != order_epoch_) {
    order_.resize(static_cast<size_t>(count));
    std::iota(order_.begin(), order_.end(), int64_t{0});
    const uint64_t seed = Mix64(SubSeed(options_.seed, "fine-tuning order"), static_cast<uint64_t>(epoch));
    if (options_.shuffle) order_ = Permutation(count, seed);
    order_epoch_ = epoch;
  }
  const int64_t begin = step % per_epoch * options_.batch_size;
  const int64_t end = std::min(count, begin + options_.batch_size);
  return std::span(order_).subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
}

std::pair<double, int64_t> FineTuner::AddGradients(std::span<const int64_t> numbers, int64_t part,
                                                   int64_t batch_windows) {
  std::vector<const Window*> windows;
  std::vector<float> targets;
  for (const int64_t number : numbers) {
    windows.push_back(&windows_.windows[static_cast<size_t>(number)]);
    if (!windows_.targets.empty()) targets.push_back(windows_.targets[static_cast<size_t>(number)]);
  }
  const PackedTokens tokens = PackWindows(windows);
  kernels::DropoutKey output_dropout;
  at::Tensor last;
  if (options_.dropout) {
    const uint64_t step_seed = Mix64(SubSeed(options_.seed, "dropout"), static_cast<uint64_t>(step_));
    const uint64_t part_seed = Mix64(step_seed, static_cast<uint64_t>(part));
    last = encoder_.ForwardWithDropout(tokens, part_seed);
    // The paper's classifier stands on the pooled state without dropout (spec D.7).
    if (options_.recipe != FineTuneRecipe::kPaperTf)
      output_dropout = {weights_->config.classifier_dropout, SubSeed(part_seed, "classifier")};
  } else {
    last = encoder_.Forward(tokens);
  }
  const at::Tensor logits = OutputOf(*weights_).Logits(last, tokens.offsets, output_dropout);
  // Keras adds the two cross-entropies, PyTorch's models take their mean (spec I.10).
  const auto reduction =
      options_.recipe == FineTuneRecipe::kPaperTf ? SpanReduction::kSum : SpanReduction::kMean;
  const double share = static_cast<double>(windows.size()) / static_cast<double>(batch_windows);
  const TaskTargets of_batch = MakeTaskTargets(kind_, tokens.offsets, windows, targets);
  const at::Tensor loss = at::mul(TaskLoss(logits, of_batch, reduction), share);
  loss.backward();
  return {loss.item<double>(), tokens.ids.size(0)};
}

FineTuneStep FineTuner::Step() {
  const std::span<const int64_t> batch = Batch(step_);
  const auto size = static_cast<int64_t>(batch.size());
  const int64_t parts = std::min(options_.accumulate, size);
  FineTuneStep result;
  result.lr = options_.lr * schedule_.Factor(step_);
  optimizer_.ZeroGrad();
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t begin = size * part / parts, end = size * (part + 1) / parts;
    const auto slice = batch.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
    const auto [loss, tokens] = AddGradients(slice, part, size);
    result.loss += loss;
    result.tokens += tokens;
  }
  if (!std::isfinite(result.loss)) {
    throw Error(ErrorKind::kData,
                Cat("the loss is not finite at step ", step_ + 1, "; a lower --lr usually helps"));
  }
  result.gradient_norm = optimizer_.Step(result.lr);
  ++step_;
  return result;
}

std::vector<NamedTensor> FineTuner::Parameters() const {
  return AllParameters(*weights_);
}

void FineTuner::Save(const std::filesystem::path& folder) const {
  WriteTensorFile(folder / kWeights, Parameters());
  WriteTensorFile(folder / kOptimizer, optimizer_.State());
}

void FineTuner::Load(const std::filesystem::path& folder, int64_t step) {
  const auto path = folder / kWeights;
  const TensorFile file(path);
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : Parameters()) {
    const at::Tensor stored = file.Get(name);
    if (stored.sizes() != tensor.sizes() || stored.scalar_type() != tensor.scalar_type()) {
      throw DataError(path.string(),
                      Cat("tensor '", name, "' has another shape or type than the model being trained"));
    }
    RequireFinite(stored, name, path.string());
    tensor.copy_(stored);
  }
  optimizer_.LoadState(TensorFile(folder / kOptimizer));
  if (optimizer_.steps() != step) {
    throw DataError(folder.string(),
                    Cat("the optimiser is at step ", optimizer_.steps(), ", the folder says ", step));
  }
  step_ = step;
}

}  // namespace bv
