// Fine-tuning of a whole backbone with the output of its task: the loop body and its state, and nothing of
// folders, evaluation or display. After k steps the weights are a function of the start weights, the windows
// and the options alone, stopped and resumed or not. One owner; not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include "bert/encoder.h"
#include "features/task_windows.h"
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

class FineTuner {
 public:
  // Trains weights->encoder and weights->output (and the pooler, where the output reads it) in place; the
  // output must be of the task's kind. Both arguments must outlive this.
  FineTuner(BertWeights* weights, TaskKind kind, const TaskWindows& windows, const FineTuneOptions& options);

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
  // Numbers of the step's windows.
  std::span<const int64_t> Batch(int64_t step);
  // Returns the loss and the tokens.
  std::pair<double, int64_t> AddGradients(std::span<const int64_t> numbers, int64_t part,
                                          int64_t batch_windows);
  std::vector<NamedTensor> Parameters() const;

  BertWeights* weights_;
  TaskKind kind_;
  const TaskWindows& windows_;
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
