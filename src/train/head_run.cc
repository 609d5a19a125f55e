#include "train/head_run.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "base/error.h"
#include "base/file.h"
#include "base/folder_lock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/strings.h"
#include "heads/head_file.h"
#include "heads/registry.h"
#include "train/checkpoint_folder.h"
#include "train/head_fit.h"
#include "train/head_scoring.h"
#include "train/head_trainee.h"
#include "train/task_loss.h"

namespace bv {
namespace {

using Clock = std::chrono::steady_clock;
double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// One execution of the training of several heads.
class Execution {
 public:
  Execution(const fs::path& out, HeadData* data, const HeadRunOptions& options,
            std::vector<HeadTrainee> trainees, HeadRunObserver* observer)
      : out_(out),
        data_(data),
        options_(options),
        observer_(observer),
        trainees_(std::move(trainees)),
        trainer_(data->train(), Heads(), TrainingOptions(out, data->task().kind, options)) {
    for (HeadTrainee& trainee : trainees_) {
      trainee.state().max_steps = trainer_.total_steps();
      trainee.state().num_train_epochs = static_cast<double>(options.training.epochs);
      trainee.state().train_batch_size = static_cast<int32_t>(options.training.batch_size);
    }
    if (!trainer_.Resume()) return;
    const fs::path checkpoint = CheckpointPath(out, trainer_.steps());
    for (HeadTrainee& trainee : trainees_) earlier_seconds_ = trainee.LoadState(checkpoint);
  }

  // open: the run of a head by its name.
  void OpenRuns(const std::function<RunFolder(const std::string&)>& open) {
    for (HeadTrainee& trainee : trainees_) trainee.OpenRun(open(trainee.head().name()), trainer_.steps());
  }

  void Run(size_t finished_before) {
    observer_->OnStart(Names(), finished_before, trainer_.steps(),
                       data_->train()->windows() * options_.training.epochs);
    begin_ = Clock::now();
    HeadTrainCallbacks callbacks;
    callbacks.on_step = [this](const HeadTrainProgress& progress) { return OnStep(progress); };
    callbacks.on_evaluate = [this](const HeadTrainProgress& progress) {
      return Evaluate(progress.epoch, progress.step);
    };
    callbacks.on_checkpoint = [this](const fs::path& folder) {
      for (const HeadTrainee& trainee : trainees_) trainee.SaveState(folder, TrainingSeconds());
    };
    // The evaluation of an epoch may be what the earlier execution was stopped in.
    const bool evaluated = !MissesEvaluation() || Evaluate(trainees_[0].state().epoch, trainer_.steps());
    if (!evaluated || !trainer_.Run(callbacks) || !FinalEvaluation()) {
      throw Error(ErrorKind::kInterrupted,
                  Cat("stopped at step ", trainer_.steps(), " of ", trainer_.total_steps(),
                      "; the same command goes on from there"));
    }
    Finish();
  }

 private:
  static HeadTrainOptions TrainingOptions(const fs::path& out, TaskKind task, const HeadRunOptions& options) {
    HeadTrainOptions training = options.training;
    training.task = task;
    training.checkpoints = out;
    return training;
  }

  std::vector<Head*> Heads() {
    std::vector<Head*> heads;
    for (HeadTrainee& trainee : trainees_) heads.push_back(&trainee.head());
    return heads;
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const HeadTrainee& trainee : trainees_) names.push_back(trainee.head().name());
    return names;
  }

  double TrainingSeconds() const { return earlier_seconds_ + SecondsSince(begin_) - evaluation_seconds_; }

  bool OnStep(const HeadTrainProgress& progress) {
    for (size_t i = 0; i < trainees_.size(); ++i) {
      trainees_[i].NoteStep(
          progress, ComparableLoss(progress.losses[i], data_->task().kind, options_.training.reduction));
    }
    observer_->OnStep(progress);
    return !observer_->StopRequested();
  }

  // All heads on the dev data in one pass; false when it was broken off, and nothing is noted then.
  bool Evaluate(double epoch, int64_t step) {
    if (data_->dev() == nullptr) return true;
    const auto begin = Clock::now();
    std::vector<const Head*> heads;
    for (const HeadTrainee& trainee : trainees_) heads.push_back(&trainee.head());
    auto evaluations = ScoreHeads(data_, heads, options_.evaluation, [this](int64_t windows) {
      observer_->OnEvaluating(windows, data_->dev()->windows());
      return !observer_->StopRequested();
    });
    if (!evaluations) return false;
    evaluations_ = std::move(*evaluations);
    evaluation_seconds_ += SecondsSince(begin);
    evaluated_step_ = step;
    for (size_t i = 0; i < trainees_.size(); ++i)
      trainees_[i].NoteEvaluation(epoch, step, EvaluationMetrics(evaluations_[i]));
    observer_->OnEvaluated(epoch, Names(), evaluations_);
    return true;
  }

  bool FinalEvaluation() {
    return evaluated_step_ == trainer_.steps() || Evaluate(trainees_[0].state().epoch, trainer_.steps());
  }

  // After a resume at the end of an epoch that is not the last: whether its scores are not in the history.
  bool MissesEvaluation() const {
    const int64_t steps = trainer_.total_steps() / options_.training.epochs;
    if (data_->dev() == nullptr || trainer_.steps() == 0 || trainer_.steps() == trainer_.total_steps() ||
        trainer_.steps() % steps != 0)
      return false;
    return !trainees_[0].EndsWithEvaluation(trainer_.steps());
  }

  // Everything of every run first, then the marks that they are finished: a kill in between loses nothing.
  void Finish() {
    const double seconds = TrainingSeconds();
    const auto windows = static_cast<double>(data_->train()->windows() * options_.training.epochs);
    const auto fingerprint = ParseHex(data_->origin().backbone_fingerprint);
    if (!fingerprint) {
      throw DataError(data_->origin().where,
                      Cat("backbone_fingerprint is ", Quoted(data_->origin().backbone_fingerprint),
                          ", 16 hexadecimal digits are needed"));
    }
    for (size_t i = 0; i < trainees_.size(); ++i) {
      const HeadTrainee& trainee = trainees_[i];
      const fs::path& folder = trainee.run().path();
      SaveHead(folder, trainee.head(), *fingerprint, data_->task().labels);
      if (data_->dev() != nullptr)
        WriteEvaluation(folder, data_->dev_examples(), evaluations_[i], LogitsWindowsOf(data_->origin()));
      WriteResults(
          folder, "train",
          {{"loss", trainee.LastLoss()}, {"runtime", seconds}, {"samples_per_second", windows / seconds}});
      trainee.WriteState();
    }
    for (HeadTrainee& trainee : trainees_) trainee.run().Finish();
    RemoveCheckpoints(out_);
  }

  fs::path out_;
  HeadData* data_;
  const HeadRunOptions& options_;
  HeadRunObserver* observer_;
  std::vector<HeadTrainee> trainees_;
  HeadTrainer trainer_;
  std::vector<TaskEvaluation> evaluations_;  // of the last evaluation, one per head
  int64_t evaluated_step_ = -1;
  double earlier_seconds_ = 0, evaluation_seconds_ = 0;
  Clock::time_point begin_ = Clock::now();
};

std::vector<std::string> Unfinished(const fs::path& out, const std::vector<std::string>& names) {
  std::vector<std::string> unfinished;
  for (const std::string& name : names) {
    const fs::path folder = out / name;
    if (!fs::exists(folder / "run.json") || !ReadRun(folder).finished) unfinished.push_back(name);
  }
  return unfinished;
}

}  // namespace

std::vector<std::string> DefaultHeads(HeadKind kind) {
  if (kind == HeadKind::kSpan) return {"adapter-64-shared-skip", "learned-pooling", "last-layer"};
  return {"all"};
}

std::vector<HeadResult> RunHeadTraining(const fs::path& out, HeadData* data, const HeadRunOptions& options,
                                        HeadRunObserver* observer) {
  const BackboneDims dims = data->dims(options.width);
  const std::vector<std::string> names =
      ExpandHeadNames(options.heads.empty() ? DefaultHeads(data->kind()) : options.heads, dims, data->kind());
  for (const char* sign : {"run.json", "index.json", "journal.jsonl", "config.json", "head.json"}) {
    if (!fs::exists(out / sign)) continue;
    throw Error(ErrorKind::kUsage,
                Cat("--out '", out.string(), "' holds ", sign,
                    ": it is a store, a model or another run; give a folder for the heads' runs alone"));
  }
  const std::vector<std::string> unfinished = Unfinished(out, names);
  RequireMemory({unfinished, dims,
                 BatchOf(*data->train(), options.training.batch_size, data->origin().windows.length())});
  // The heads' folders have locks of their own; the checkpoint that they share lies here.
  MakeFolder(out);
  const FolderLock lock(out);
  RunRecord record = options.record;
  record.inputs.update(data->inputs());
  // Which heads are trained beside it does not matter to a head; neither does where its backbone and data
  // lie.
  const auto open = [&](const std::string& name) {
    return RunFolder(out / name, record,
                     {"head", "states", "dev-states", "save-steps", "save-minutes", "backbone", "dev_data"});
  };
  std::vector<HeadTrainee> trainees;
  for (const std::string& name : names) {
    if (std::find(unfinished.begin(), unfinished.end(), name) == unfinished.end()) {
      open(name);  // refused if it is another run
    } else {
      trainees.emplace_back(BuildHead(name, dims, options.training.seed));
    }
  }
  if (!trainees.empty()) {
    Execution execution(out, data, options, std::move(trainees), observer);
    execution.OpenRuns(open);
    execution.Run(names.size() - unfinished.size());
  }
  std::vector<HeadResult> results;
  results.reserve(names.size());
  for (const std::string& name : names) results.push_back(ReadHeadResult(out / name));
  return results;
}

HeadResult ReadHeadResult(const fs::path& folder) {
  const SavedRun run = ReadRun(folder);
  if (!run.finished) throw DataError(folder.string(), "this run is not finished");
  const std::string file = (folder / "head.json").string();
  const Json head = ReadJsonFile(file);
  HeadResult result;
  result.head = RequireString(head, "name", file);
  result.folder = folder;
  result.parameters = RequireInteger(head, "parameters", 0, INT64_MAX, file);
  const auto backbone = run.record.inputs.find("backbone_parameters");
  if (backbone != run.record.inputs.end() && backbone->is_number_integer())
    result.backbone_parameters = *backbone;
  result.metrics = ReadResults(folder / "all_results.json");
  return result;
}

}  // namespace bv
