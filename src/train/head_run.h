// Heads trained as run folders, OUT/<head>/ each, in one pass over their data: steps, evaluation after every
// epoch, checkpoints, resume. Prints nothing; what happens is told to an observer. One owner.
//
// In OUT/<head>: run.json, head.json and head.safetensors, all_results.json and trainer_state.json,
// TensorBoard events and, with dev data, the predictions of the last epoch. OUT/checkpoint-<step> is there
// while the training is unfinished.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "run/results.h"
#include "run/run_folder.h"
#include "train/head_data.h"
#include "train/head_trainer.h"
#include "train/task_evaluation.h"

namespace bv {

struct HeadRunOptions {
  std::vector<std::string> heads;  // as ExpandHeadNames takes them; none: DefaultHeads
  int64_t width = 0;               // of adapters, as BackboneDims
  HeadTrainOptions training;       // `checkpoints` is set here
  SpanEvaluationOptions evaluation;
  RunRecord record;  // of each run; `inputs` are added here
};

// Three span heads to begin with; all of the other kinds.
std::vector<std::string> DefaultHeads(HeadKind kind);

// What a finished run says of itself.
struct HeadResult {
  std::string head;
  std::filesystem::path folder;
  int64_t parameters = 0;
  std::optional<int64_t> backbone_parameters;  // where the backbone was found
  Metrics metrics;                             // all_results.json: eval_* with dev data, train_*
};

class HeadRunObserver {
 public:
  virtual ~HeadRunObserver() = default;
  // Which heads are trained now, over so many windows (epochs counted), and how many of them were finished
  // before. `step` is above 0 when a checkpoint was found.
  virtual void OnStart(const std::vector<std::string>& heads, size_t finished, int64_t step,
                       int64_t windows) = 0;
  virtual void OnStep(const HeadTrainProgress& progress) = 0;
  // While dev windows are scored: so many of them are.
  virtual void OnEvaluating(int64_t windows, int64_t all) = 0;
  virtual void OnEvaluated(double epoch, const std::vector<std::string>& heads,
                           const std::vector<TaskEvaluation>& evaluations) = 0;
  // Polled between steps; true saves a checkpoint and ends with Error(kInterrupted).
  virtual bool StopRequested() = 0;
};

// Trains those of the heads whose run in `out` is not finished yet, together, and returns the results of all,
// in the order asked for. Errors: those of RunFolder, HeadTrainer and the data.
std::vector<HeadResult> RunHeadTraining(const std::filesystem::path& out, HeadData* data,
                                        const HeadRunOptions& options, HeadRunObserver* observer);

// Errors: kData for a folder that is no finished run of a head.
HeadResult ReadHeadResult(const std::filesystem::path& folder);

}  // namespace bv
