// Trains any number of heads in one pass over a source of states: every batch is read once and feeds each
// head, which has its own optimiser. A head comes out bit for bit as if it were trained alone: heads share
// the data order and nothing else. Prints nothing: what happens is told through callbacks. One owner; not
// thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/json.h"
#include "heads/head.h"
#include "states/state_source.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/task_loss.h"

namespace bv {

// The defaults are recipe F2 of the spec.
struct HeadTrainOptions {
  TaskKind task = TaskKind::kSpan;  // of all heads in the pass
  int64_t epochs = 1;
  int64_t batch_size = 16;
  double lr = 1e-3;
  uint64_t seed = 1;  // of the data order; a head's initial weights have a seed of their own
  AdamOptions adam;
  double weight_decay = 0;  // never of biases, pooling and normalisation parameters
  ScheduleKind schedule = ScheduleKind::kConstant;
  double warmup = 0;  // share of all steps
  SpanReduction reduction = SpanReduction::kSum;
  bool restart_moments = false;  // of the optimiser, at every epoch (spec section F5)
  // Where checkpoint-<step> folders go, every checkpoint_steps steps, every checkpoint_seconds and when
  // stopped; an empty path or 0: none. Only the newest is kept.
  std::filesystem::path checkpoints;
  int64_t checkpoint_steps = 0;
  double checkpoint_seconds = 0;
};

struct HeadTrainProgress {
  int64_t step = 0;  // optimiser steps done
  int64_t total_steps = 0;
  int64_t windows = 0;         // windows seen, over all epochs
  double epoch = 0;            // epochs done, with fraction
  double lr = 0;               // of this step
  std::vector<double> losses;  // of this step's batch, one per head
};

struct HeadTrainCallbacks {
  // After every step; false stops the training after a checkpoint.
  std::function<bool(const HeadTrainProgress&)> on_step;
  // At the end of every epoch; false, for an evaluation that was broken off, does the same.
  std::function<bool(const HeadTrainProgress&)> on_evaluate;
  // Adds files of its own to a checkpoint before it appears.
  std::function<void(const std::filesystem::path& folder)> on_checkpoint;
};

class HeadTrainer {
 public:
  // Source and heads must outlive the trainer. The heads stand on one device, where the
  // training then happens. Errors (kUsage): no heads, or two of one name.
  HeadTrainer(StateSource* source, std::vector<Head*> heads, const HeadTrainOptions& options);

  // Takes weights, optimiser states and position from the newest checkpoint in options.checkpoints. False
  // when there is none. It may hold more heads than are trained now. Errors: kUsage when it was made with
  // other options or states, or lacks a head; kData when damaged.
  bool Resume();
  // From the current position to the end; false when a callback stopped it before the last step. Errors:
  // kData when a loss is not finite, with the head's name.
  bool Run(const HeadTrainCallbacks& callbacks);

  int64_t steps() const { return progress_.step; }
  int64_t total_steps() const { return progress_.total_steps; }

 private:
  struct Trainee {
    Head* head;
    std::unique_ptr<Adam> adam;
  };
  void TrainBatch(const StateBatch& batch);
  HeadPass PassOf(const Head& head) const;  // of the step to come
  bool RunEpoch(int64_t epoch, const HeadTrainCallbacks& callbacks);
  bool CheckpointIsDue() const;
  void SaveCheckpoint(const HeadTrainCallbacks& callbacks);
  void CheckSignature(const Json& made_with, const std::filesystem::path& folder) const;
  // Everything that decides the result, for comparison on resume.
  OrderedJson Signature() const;

  StateSource* source_;
  HeadTrainOptions options_;
  Schedule schedule_;
  std::vector<Trainee> trainees_;
  int64_t steps_per_epoch_ = 0;
  HeadTrainProgress progress_;
  std::chrono::steady_clock::time_point saved_;  // when the last checkpoint was, or Run began
};

}  // namespace bv
