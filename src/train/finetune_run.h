// A whole fine-tuning as a run folder: steps, evaluation at fractions of epochs, checkpoints, resume, early
// stopping. Prints nothing; what happens is told to an observer. One owner.
//
// In the folder: epoch-<E>/ (a Hugging Face folder with its predictions and scores) for every evaluation,
// checkpoint-<step>/ (until the caller has marked the run as finished and removes it), all_results.json and
// trainer_state.json, TensorBoard events.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "run/trainer_state.h"
#include "train/finetuner.h"
#include "train/task_evaluation.h"

namespace bv {

struct FineTuneRunOptions {
  FineTuneOptions training;
  std::vector<double> checkpoints;  // epochs at which to evaluate and keep the model; the end is always one
  double save_seconds = 300;        // a checkpoint at least this often; 0: not by time
  int64_t save_steps = 0;           // and every so many steps; 0: by time alone
  int64_t patience = 0;             // stop after so many evaluations without a better metric; 0: never
  std::string metric;               // decides what is best, as BestMetric takes it
  SpanEvaluationOptions evaluation;
};

struct FineTuneData {
  TaskWindows train;
  const TaskExamples* dev = nullptr;  // null: no evaluation
  TaskWindows dev_windows;
  LogitsWindows dev_cut;  // how they were cut
};

// One evaluated checkpoint.
struct FineTunePoint {
  double epoch = 0;
  int64_t step = 0;
  std::string folder;  // its name in the run
  double seconds = 0;  // of training up to here, resumed parts included
  Metrics metrics;     // empty without dev data
};

class FineTuneObserver {
 public:
  virtual ~FineTuneObserver() = default;
  virtual void OnResume(int64_t step) = 0;
  virtual void OnStep(int64_t step, int64_t total, double epoch, const FineTuneStep& result) = 0;
  virtual void OnEvaluating(int64_t done, int64_t total) = 0;
  virtual void OnPoint(const FineTunePoint& point) = 0;
  // Polled between steps; true saves a checkpoint and ends with Error(kInterrupted).
  virtual bool StopRequested() = 0;
};

struct FineTuneSummary {
  std::vector<FineTunePoint> points;
  std::string best;  // folder of the best point; empty without dev data
  bool stopped_early = false;
};

// Steps to the epochs that are evaluated there. Errors (kUsage): two epochs that are one step.
std::map<int64_t, double> PlannedPoints(const FineTuneRunOptions& options, int64_t windows);

// The folder exists. Goes on from its latest checkpoint if there is one. weights must have an output of the
// task's kind; they are trained in place.
FineTuneSummary RunFineTuning(const std::filesystem::path& run, BertWeights* weights, const Task& task,
                              const FineTuneData& data, const FineTuneRunOptions& options,
                              FineTuneObserver* observer);

// The points of a finished or unfinished run, as its trainer_state.json tells.
std::vector<FineTunePoint> ReadFineTunePoints(const std::filesystem::path& run);

// "epoch-0.3", "epoch-2".
std::string EpochFolder(double epoch);

}  // namespace bv
