#include "train/head_run.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/folder_lock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/strings.h"
#include "heads/head_file.h"
#include "heads/registry.h"
#include "run/event_writer.h"
#include "run/trainer_state.h"
#include "train/checkpoint_folder.h"
#include "train/head_fit.h"
#include "train/head_scoring.h"
#include "train/task_loss.h"

namespace bv {
namespace {

constexpr const char* kState = "trainer_state.json";
constexpr int64_t kLogSteps = 10;

using Clock = std::chrono::steady_clock;
double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// One head while it is trained.
struct Trainee {
  std::unique_ptr<Head> head;
  std::optional<RunFolder> run;  // opened once it is clear that the training can begin
  TrainerState state;
  std::unique_ptr<EventWriter> events;
  double loss_sum = 0;  // since the last entry of the history
};

// A checkpoint's own entry at the end of a history: what the format of trainer_state.json has no place for.
std::vector<std::pair<std::string, double>> Bookkeeping(double seconds, double loss_sum) {
  return {{"seconds", seconds}, {"loss_sum", loss_sum}};
}

bool EndsWithEvaluation(const TrainerState& state, int64_t step) {
  const auto& history = state.log_history;
  return !history.empty() && history.back().step == step && !history.back().values.empty() &&
         history.back().values.front().first.starts_with("eval_");
}

double ValueOf(const LogEntry& entry, const std::string& name, const fs::path& file) {
  for (const auto& [key, value] : entry.values) {
    if (key == name) return value;
  }
  throw DataError(file.string(), Cat("the last entry of log_history has no '", name, "'"));
}

// One execution of the training of several heads.
class Execution {
 public:
  Execution(const fs::path& out, HeadData* data, const HeadRunOptions& options, std::vector<Trainee> trainees,
            HeadRunObserver* observer)
      : out_(out),
        data_(data),
        options_(options),
        observer_(observer),
        trainees_(std::move(trainees)),
        trainer_(data->train(), Heads(), TrainingOptions(out, data->task().kind, options)) {
    for (Trainee& trainee : trainees_) {
      trainee.state.max_steps = trainer_.total_steps();
      trainee.state.num_train_epochs = static_cast<double>(options.training.epochs);
      trainee.state.train_batch_size = static_cast<int32_t>(options.training.batch_size);
    }
    if (trainer_.Resume()) ReadCheckpoint(CheckpointPath(out, trainer_.steps()));
  }

  // open: the run of a head by its name.
  void OpenRuns(const std::function<RunFolder(const std::string&)>& open) {
    for (Trainee& trainee : trainees_) {
      trainee.run.emplace(open(trainee.head->name()));
      trainee.events = std::make_unique<EventWriter>(trainee.run->path(), trainer_.steps());
    }
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
    callbacks.on_checkpoint = [this](const fs::path& folder) { WriteCheckpoint(folder); };
    // The evaluation of an epoch may be what the earlier execution was stopped in.
    const bool evaluated = !MissesEvaluation() || Evaluate(trainees_[0].state.epoch, trainer_.steps());
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
    for (Trainee& trainee : trainees_) heads.push_back(trainee.head.get());
    return heads;
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const Trainee& trainee : trainees_) names.push_back(trainee.head->name());
    return names;
  }

  double TrainingSeconds() const { return earlier_seconds_ + SecondsSince(begin_) - evaluation_seconds_; }

  bool OnStep(const HeadTrainProgress& progress) {
    const bool log = progress.step % kLogSteps == 0 || progress.step == progress.total_steps;
    const int64_t since = progress.step % kLogSteps == 0 ? kLogSteps : progress.step % kLogSteps;
    for (size_t i = 0; i < trainees_.size(); ++i) {
      Trainee& trainee = trainees_[i];
      trainee.state.epoch = progress.epoch;
      trainee.state.global_step = progress.step;
      trainee.loss_sum += ComparableLoss(progress.losses[i], data_->task().kind, options_.training.reduction);
      if (!log) continue;
      const double loss = trainee.loss_sum / static_cast<double>(since);
      trainee.loss_sum = 0;
      trainee.state.log_history.push_back(
          {progress.epoch, progress.step, {{"loss", loss}, {"learning_rate", progress.lr}}});
      trainee.events->Scalar("train/loss", loss, progress.step);
      trainee.events->Scalar("train/learning_rate", progress.lr, progress.step);
      trainee.events->Flush();
    }
    observer_->OnStep(progress);
    return !observer_->StopRequested();
  }

  // All heads on the dev data in one pass; false when it was broken off, and nothing is noted then.
  bool Evaluate(double epoch, int64_t step) {
    if (data_->dev() == nullptr) return true;
    const auto begin = Clock::now();
    std::vector<const Head*> heads;
    for (const Trainee& trainee : trainees_) heads.push_back(trainee.head.get());
    auto evaluations =
        ScoreHeads(data_, heads, options_.evaluation, [this] { return observer_->StopRequested(); });
    if (!evaluations) return false;
    evaluations_ = std::move(*evaluations);
    evaluation_seconds_ += SecondsSince(begin);
    evaluated_step_ = step;
    NoteEvaluations(epoch, step);
    return true;
  }

  void NoteEvaluations(double epoch, int64_t step) {
    for (size_t i = 0; i < trainees_.size(); ++i) {
      LogEntry entry = {epoch, step, {}};
      for (const auto& [name, value] : EvaluationMetrics(evaluations_[i])) {
        entry.values.emplace_back("eval_" + name, value);
        trainees_[i].events->Scalar("eval/" + name, value, step);
      }
      // The answers of the last evaluation are not kept in checkpoints, so it may come twice.
      TrainerState& state = trainees_[i].state;
      if (EndsWithEvaluation(state, step)) state.log_history.pop_back();
      state.log_history.push_back(std::move(entry));
      trainees_[i].events->Flush();
    }
    observer_->OnEvaluated(epoch, Names(), evaluations_);
  }

  bool FinalEvaluation() {
    return evaluated_step_ == trainer_.steps() || Evaluate(trainees_[0].state.epoch, trainer_.steps());
  }

  // After a resume at the end of an epoch that is not the last: whether its scores are not in the history.
  bool MissesEvaluation() const {
    const int64_t steps = trainer_.total_steps() / options_.training.epochs;
    if (data_->dev() == nullptr || trainer_.steps() == 0 || trainer_.steps() == trainer_.total_steps() ||
        trainer_.steps() % steps != 0)
      return false;
    return !EndsWithEvaluation(trainees_[0].state, trainer_.steps());
  }

  static fs::path StateFile(const fs::path& folder, const Trainee& trainee) {
    return folder / (trainee.head->name() + "." + kState);
  }

  void WriteCheckpoint(const fs::path& folder) const {
    for (const Trainee& trainee : trainees_) {
      TrainerState state = trainee.state;
      state.log_history.push_back(
          {state.epoch, state.global_step, Bookkeeping(TrainingSeconds(), trainee.loss_sum)});
      WriteTrainerState(StateFile(folder, trainee), state);
    }
  }

  void ReadCheckpoint(const fs::path& folder) {
    for (Trainee& trainee : trainees_) {
      const fs::path file = StateFile(folder, trainee);
      trainee.state = ReadTrainerState(file);
      auto& history = trainee.state.log_history;
      if (history.empty()) throw DataError(file.string(), "log_history is empty");
      earlier_seconds_ = ValueOf(history.back(), "seconds", file);
      trainee.loss_sum = ValueOf(history.back(), "loss_sum", file);
      history.pop_back();
    }
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
      const Trainee& trainee = trainees_[i];
      const fs::path& folder = trainee.run->path();
      SaveHead(folder, *trainee.head, *fingerprint, data_->task().labels);
      if (data_->dev() != nullptr)
        WriteEvaluation(folder, data_->dev_examples(), evaluations_[i], LogitsWindowsOf(data_->origin()));
      WriteResults(folder, "train",
                   {{"loss", LastLoss(trainee.state)},
                    {"runtime", seconds},
                    {"samples_per_second", windows / seconds}});
      WriteTrainerState(folder / kState, trainee.state);
    }
    for (Trainee& trainee : trainees_) trainee.run->Finish();
    RemoveCheckpoints(out_);
  }

  // The mean of the last steps.
  static double LastLoss(const TrainerState& state) {
    for (auto entry = state.log_history.rbegin(); entry != state.log_history.rend(); ++entry) {
      for (const auto& [name, value] : entry->values) {
        if (name == "loss") return value;
      }
    }
    return std::nan("");
  }

  fs::path out_;
  HeadData* data_;
  const HeadRunOptions& options_;
  HeadRunObserver* observer_;
  std::vector<Trainee> trainees_;
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
                 BatchOf(*data->train(), options.training.batch_size, data->origin().windows.max_length)});
  // The heads' folders have locks of their own; the checkpoint that they share lies here.
  MakeFolder(out);
  const FolderLock lock(out);
  RunRecord record = options.record;
  record.inputs.update(data->inputs());
  // Which heads are trained beside it does not matter to a head; neither does where its backbone and data
  // lie.
  const auto open = [&](const std::string& name) {
    return RunFolder(out / name, record, {"head", "save-steps", "save-minutes", "backbone", "dev_data"});
  };
  std::vector<Trainee> trainees;
  for (const std::string& name : names) {
    if (std::find(unfinished.begin(), unfinished.end(), name) == unfinished.end()) {
      open(name);  // refused if it is another run
    } else {
      trainees.push_back({BuildHead(name, dims, options.training.seed), std::nullopt, {}, nullptr, 0});
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
