#include "train/span_finetuner.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mul.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/rng.h"
#include "base/strings.h"
#include "states/window_states.h"
#include "train/span_targets.h"

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
  parameters.insert(parameters.end(), weights.output.begin(), weights.output.end());
  for (auto& parameter : parameters) parameter.tensor.requires_grad_(true);
  return parameters;
}

}  // namespace

SpanFineTuner::SpanFineTuner(BertWeights* weights, const std::vector<Window>& windows,
                             const FineTuneOptions& options)
    : weights_(weights),
      windows_(windows),
      options_(options),
      encoder_(Encoder::ForTraining(*weights,
                                    options.bf16 ? kernels::Precision::kBf16 : kernels::Precision::kFp32)),
      optimizer_(SplitByDecay(AllParameters(*weights), options.weight_decay, {"bias", "LayerNorm"}),
                 OptimizerOptions(options)),
      total_steps_(StepAtEpoch(options.epochs, static_cast<int64_t>(windows.size()), options.batch_size)) {
  if (windows.empty()) throw Error(ErrorKind::kData, "there is nothing to train on: no windows");
  schedule_ = MakeSchedule(options, total_steps_);
}

double SpanFineTuner::epoch() const {
  return static_cast<double>(step_) /
         static_cast<double>(StepsPerEpoch(static_cast<int64_t>(windows_.size()), options_.batch_size));
}

std::vector<const Window*> SpanFineTuner::Batch(int64_t step) {
  const auto count = static_cast<int64_t>(windows_.size());
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
  std::vector<const Window*> batch;
  for (int64_t i = begin; i < std::min(count, begin + options_.batch_size); ++i) {
    batch.push_back(&windows_[static_cast<size_t>(order_[static_cast<size_t>(i)])]);
  }
  return batch;
}

double SpanFineTuner::AddGradients(std::span<const Window* const> windows, int64_t part,
                                   int64_t batch_windows) {
  const PackedTokens tokens = PackWindows(windows);
  at::Tensor last;
  const StateSink keep_last = [&](int64_t, const at::Tensor& state) { last = state; };
  if (options_.dropout) {
    const uint64_t step_seed = Mix64(SubSeed(options_.seed, "dropout"), static_cast<uint64_t>(step_));
    encoder_.ForwardWithDropout(tokens, Mix64(step_seed, static_cast<uint64_t>(part)), keep_last);
  } else {
    encoder_.Forward(tokens, keep_last);
  }
  const at::Tensor logits = at::linear(last, weights_->output[0].tensor, weights_->output[1].tensor);
  // Keras adds the two cross-entropies, PyTorch's models take their mean (spec I.10).
  const auto reduction =
      options_.recipe == FineTuneRecipe::kPaperTf ? SpanReduction::kSum : SpanReduction::kMean;
  const double share = static_cast<double>(windows.size()) / static_cast<double>(batch_windows);
  const at::Tensor loss = at::mul(SpanLoss(logits, TargetsOf(tokens.offsets, windows), reduction), share);
  loss.backward();
  return loss.item<double>();
}

FineTuneStep SpanFineTuner::Step() {
  const auto batch = Batch(step_);
  const auto size = static_cast<int64_t>(batch.size());
  const int64_t parts = std::min(options_.accumulate, size);
  FineTuneStep result;
  result.lr = options_.lr * schedule_.Factor(step_);
  optimizer_.ZeroGrad();
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t begin = size * part / parts, end = size * (part + 1) / parts;
    const std::span slice(batch.data() + begin, static_cast<size_t>(end - begin));
    result.loss += AddGradients(slice, part, size);
    for (const Window* window : slice) result.tokens += static_cast<int64_t>(window->ids.size());
  }
  if (!std::isfinite(result.loss)) {
    throw Error(ErrorKind::kData,
                Cat("the loss is not finite at step ", step_ + 1, "; a lower --lr usually helps"));
  }
  result.gradient_norm = optimizer_.Step(result.lr);
  ++step_;
  return result;
}

std::vector<NamedTensor> SpanFineTuner::Parameters() const {
  return AllParameters(*weights_);
}

void SpanFineTuner::Save(const std::filesystem::path& folder) const {
  WriteTensorFile(folder / kWeights, Parameters());
  WriteTensorFile(folder / kOptimizer, optimizer_.State());
}

void SpanFineTuner::Load(const std::filesystem::path& folder, int64_t step) {
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
