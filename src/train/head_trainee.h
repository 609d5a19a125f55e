// One head while it is trained as a run of its own: what is noted of it step by step, in its history and its
// TensorBoard events, and how that comes through a checkpoint. Not the steps themselves (head_trainer.h). One
// owner.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/file.h"
#include "heads/head.h"
#include "run/event_writer.h"
#include "run/results.h"
#include "run/run_folder.h"
#include "run/trainer_state.h"
#include "train/head_trainer.h"

namespace bv {

class HeadTrainee {
 public:
  explicit HeadTrainee(std::unique_ptr<Head> head) : head_(std::move(head)) {}

  Head& head() { return *head_; }
  const Head& head() const { return *head_; }
  TrainerState& state() { return state_; }
  const TrainerState& state() const { return state_; }
  RunFolder& run() { return *run_; }
  const RunFolder& run() const { return *run_; }

  // Once it is clear that the training can begin. step: where it begins.
  void OpenRun(RunFolder run, int64_t step);

  // The mean loss and the rate go to the history every few steps. loss: as ComparableLoss has it.
  void NoteStep(const HeadTrainProgress& progress, double loss);
  // In place of an earlier one of this step: what an evaluation found is not kept in checkpoints, so it may
  // come twice.
  void NoteEvaluation(double epoch, int64_t step, const Metrics& metrics);
  bool EndsWithEvaluation(int64_t step) const;
  // The mean of the last steps.
  double LastLoss() const;

  // The history in a checkpoint's folder, with the seconds of training up to it. Errors: kData for a file
  // that lacks them.
  void SaveState(const fs::path& folder, double seconds) const;
  double LoadState(const fs::path& folder);
  // The history alone, in the run's folder.
  void WriteState() const;

 private:
  fs::path StateFile(const fs::path& folder) const;

  std::unique_ptr<Head> head_;
  std::optional<RunFolder> run_;
  TrainerState state_;
  std::unique_ptr<EventWriter> events_;
  double loss_sum_ = 0;  // since the last entry of the history
};

}  // namespace bv
