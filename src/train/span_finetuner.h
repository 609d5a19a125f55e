// Fine-tuning of a whole backbone with a span output: the loop body and its state, and nothing of folders,
// evaluation or display. After k steps the weights are a function of the start weights, the windows and the
// options alone, stopped and resumed or not. One owner; not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "bert/encoder.h"
#include "features/windows.h"
#include "train/finetune_options.h"
#include "train/optimizer.h"
#include "train/schedule.h"

namespace bv {

struct FineTuneStep {
  double loss = 0;  // mean over the batch's windows
  double lr = 0;
  double gradient_norm = 0;  // before clipping; 0 when nothing clips
  int64_t tokens = 0;
};

class SpanFineTuner {
 public:
  // Trains weights->encoder and weights->output in place (weights must have a span output). Both arguments
  // must outlive this.
  SpanFineTuner(BertWeights* weights, const std::vector<Window>& windows, const FineTuneOptions& options);

  int64_t step() const { return step_; }  // optimiser steps done
  int64_t total_steps() const { return total_steps_; }
  double epoch() const;

  // One optimiser step. Errors (kData): a loss that is not finite or, where gradients are clipped, a
  // gradient; the weights are then those of before the step.
  FineTuneStep Step();

  // weights.safetensors, optimizer.safetensors: all that resuming needs. Load checks every shape and value.
  void Save(const std::filesystem::path& folder) const;
  void Load(const std::filesystem::path& folder, int64_t step);

 private:
  std::vector<const Window*> Batch(int64_t step);
  double AddGradients(std::span<const Window* const> windows, int64_t part, int64_t batch_windows);
  std::vector<NamedTensor> Parameters() const;

  BertWeights* weights_;
  const std::vector<Window>& windows_;
  FineTuneOptions options_;
  Encoder encoder_;
  Adam optimizer_;
  Schedule schedule_;
  int64_t total_steps_;
  int64_t step_ = 0;
  int64_t order_epoch_ = -1;
  std::vector<int64_t> order_;
};

}  // namespace bv
