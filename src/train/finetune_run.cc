#include "train/finetune_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>

#include "base/error.h"
#include "base/file.h"
#include "base/strings.h"
#include "run/event_writer.h"
#include "train/best_metric.h"
#include "train/checkpoint_folder.h"

namespace bv {
namespace {

constexpr const char* kState = "trainer_state.json";
constexpr int64_t kLogSteps = 10;

using Clock = std::chrono::steady_clock;
double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::optional<double> Find(const std::vector<std::pair<std::string, double>>& values,
                           const std::string& name) {
  for (const auto& [key, value] : values) {
    if (key == name) return value;
  }
  return std::nullopt;
}

FineTunePoint PointOf(const LogEntry& entry) {
  FineTunePoint point = {
      entry.epoch, entry.step, EpochFolder(entry.epoch), Find(entry.values, "train_runtime").value_or(0), {}};
  for (const auto& [key, value] : entry.values) {
    if (key.starts_with("eval_")) point.metrics.emplace_back(key.substr(5), value);
  }
  return point;
}

bool IsPoint(const LogEntry& entry) {
  return Find(entry.values, "train_runtime").has_value();
}

// One execution of the run: everything that lives from the first to the last step.
class Execution {
 public:
  Execution(const fs::path& run, BertWeights* weights, const Task& task, const FineTuneData& data,
            const FineTuneRunOptions& options, FineTuneObserver* observer)
      : run_(run),
        weights_(weights),
        data_(data),
        options_(options),
        observer_(observer),
        metric_(options.metric, task),
        tuner_(weights, task.kind, data.train, options.training) {
    points_ = PlannedPoints(options, static_cast<int64_t>(data.train.windows.size()));
    state_.max_steps = tuner_.total_steps();
    state_.num_train_epochs = options.training.epochs;
    state_.train_batch_size = static_cast<int32_t>(options.training.batch_size);
    Resume();
  }

  FineTuneSummary Run() {
    EventWriter events(run_, tuner_.step());
    events_ = &events;
    begin_ = last_save_ = Clock::now();
    // A run that was stopped while it evaluated has its checkpoint, but not yet the point.
    const auto due = points_.find(tuner_.step());
    if (due != points_.end() && !HasPoint(due->first)) Evaluate(due->second);
    while (tuner_.step() < tuner_.total_steps() && !stopped_early_) {
      StepOnce();
      const auto point = points_.find(tuner_.step());
      if (point != points_.end()) Evaluate(point->second);
      const bool stop = observer_->StopRequested();
      if (stop || SaveIsDue()) SaveCheckpoint();
      if (stop) {
        throw Error(ErrorKind::kInterrupted,
                    Cat("stopped at step ", tuner_.step(), " of ", tuner_.total_steps(),
                        "; the same command goes on from there"));
      }
    }
    return Finish();
  }

 private:
  bool HasPoint(int64_t step) const {
    return std::any_of(done_points_.begin(), done_points_.end(),
                       [&](const FineTunePoint& point) { return point.step == step; });
  }

  void Resume() {
    const auto step = NewestCheckpoint(run_);
    if (!step) return;
    const fs::path folder = CheckpointPath(run_, *step);
    tuner_.Load(folder, *step);
    state_ = ReadTrainerState(folder / kState);
    if (state_.log_history.empty()) throw DataError((folder / kState).string(), "the history is empty");
    earlier_seconds_ = Find(state_.log_history.back().values, "seconds").value_or(0);
    state_.log_history.pop_back();
    for (const LogEntry& entry : state_.log_history) {
      if (IsPoint(entry)) NotePoint(PointOf(entry));
    }
    observer_->OnResume(*step);
  }

  double TrainingSeconds() const { return earlier_seconds_ + SecondsSince(begin_) - evaluation_seconds_; }

  void StepOnce() {
    const FineTuneStep result = tuner_.Step();
    observer_->OnStep(tuner_.step(), tuner_.total_steps(), tuner_.epoch(), result);
    state_.epoch = tuner_.epoch();
    state_.global_step = tuner_.step();
    events_->Scalar("train/loss", result.loss, tuner_.step());
    events_->Scalar("train/learning_rate", result.lr, tuner_.step());
    if (tuner_.step() % kLogSteps == 0 || tuner_.step() == tuner_.total_steps()) {
      state_.log_history.push_back(
          {tuner_.epoch(), tuner_.step(), {{"loss", result.loss}, {"learning_rate", result.lr}}});
      // Measured where it is clipped alone.
      if (options_.training.clip_norm > 0)
        state_.log_history.back().values.emplace_back("grad_norm", result.gradient_norm);
      events_->Flush();
    }
  }

  void Evaluate(double epoch) {
    SaveCheckpoint();
    FineTunePoint point = {epoch, tuner_.step(), EpochFolder(epoch), TrainingSeconds(), {}};
    const auto begin = Clock::now();
    const fs::path folder = run_ / point.folder;
    fs::path temporary = folder;
    temporary += ".partial-new";
    fs::remove_all(temporary);
    SaveBert(temporary, *weights_);
    if (data_.dev != nullptr) {
      const auto total = static_cast<int64_t>(data_.dev_windows.windows.size());
      const TaskEvaluation evaluation =
          EvaluateBackbone(*weights_, *data_.dev, data_.dev_windows, options_.evaluation,
                           options_.training.precision, [&](int64_t done) {
                             observer_->OnEvaluating(done, total);
                             return !observer_->StopRequested();
                           });
      WriteEvaluation(temporary, *data_.dev, evaluation, data_.dev_cut);
      point.metrics = EvaluationMetrics(evaluation);
    }
    CommitFolder(temporary, folder);
    LogEntry entry = {point.epoch, point.step, {{"train_runtime", point.seconds}}};
    for (const auto& [key, value] : point.metrics) {
      entry.values.emplace_back("eval_" + key, value);
      events_->Scalar("eval/" + key, value, point.step);
    }
    events_->Flush();
    state_.log_history.push_back(entry);
    evaluation_seconds_ += SecondsSince(begin);
    NotePoint(point);
    observer_->OnPoint(point);
    saved_step_ = -1;  // the checkpoint of this step does not know the point yet
    SaveCheckpoint();
  }

  void NotePoint(const FineTunePoint& point) {
    done_points_.push_back(point);
    if (point.metrics.empty()) return;
    const double goodness = metric_.Goodness(point.metrics);
    if (best_.empty() || goodness > best_goodness_) {
      best_ = point.folder;
      best_goodness_ = goodness;
      without_better_ = 0;
    } else {
      ++without_better_;
    }
    state_.best_metric = metric_.Score(best_goodness_);
    state_.best_model_checkpoint = best_;
    stopped_early_ = options_.patience > 0 && without_better_ >= options_.patience;
  }

  bool SaveIsDue() const {
    const bool by_steps = options_.save_steps > 0 && tuner_.step() % options_.save_steps == 0;
    const bool by_time = options_.save_seconds > 0 && SecondsSince(last_save_) >= options_.save_seconds;
    return by_steps || by_time;
  }

  void SaveCheckpoint() {
    if (saved_step_ == tuner_.step()) return;
    TrainerState saved = state_;
    // Where the clock stands; the state's own format has no place for it.
    saved.log_history.push_back({tuner_.epoch(), tuner_.step(), {{"seconds", TrainingSeconds()}}});
    CommitCheckpoint(run_, tuner_.step(), [&](const fs::path& folder) {
      tuner_.Save(folder);
      WriteTrainerState(folder / kState, saved);
    });
    last_save_ = Clock::now();
    saved_step_ = tuner_.step();
  }

  FineTuneSummary Finish() {
    WriteTrainerState(run_ / kState, state_);
    Metrics results = {{"train_runtime", TrainingSeconds()}, {"epoch", state_.epoch}};
    WriteResults(run_, "train", results);
    for (const auto& point : done_points_) {
      if (point.folder == best_) WriteResults(run_, "eval", point.metrics);
    }
    return {done_points_, best_, stopped_early_};
  }

  fs::path run_;
  BertWeights* weights_;
  const FineTuneData& data_;
  const FineTuneRunOptions& options_;
  FineTuneObserver* observer_;
  BestMetric metric_;
  FineTuner tuner_;
  std::map<int64_t, double> points_;  // step to epoch
  TrainerState state_;
  EventWriter* events_ = nullptr;
  std::vector<FineTunePoint> done_points_;
  std::string best_;
  double best_goodness_ = 0;
  int64_t without_better_ = 0;
  bool stopped_early_ = false;
  int64_t saved_step_ = -1;  // of the checkpoint written last
  double earlier_seconds_ = 0, evaluation_seconds_ = 0;
  Clock::time_point begin_, last_save_;
};

}  // namespace

std::map<int64_t, double> PlannedPoints(const FineTuneRunOptions& options, int64_t windows) {
  const FineTuneOptions& training = options.training;
  std::map<int64_t, double> points;
  points[StepAtEpoch(training.epochs, windows, training.batch_size)] = training.epochs;
  for (const double epoch : options.checkpoints) {
    const int64_t step = StepAtEpoch(epoch, windows, training.batch_size);
    const auto [place, added] = points.emplace(step, epoch);
    if (!added && place->second != epoch) {
      throw Error(ErrorKind::kUsage, Cat("checkpoints at epochs ", epoch, " and ", place->second,
                                         " are both step ", step, ": ", Thousands(windows), " windows are ",
                                         StepsPerEpoch(windows, training.batch_size), " steps an epoch"));
    }
  }
  return points;
}

std::string EpochFolder(double epoch) {
  char text[32];
  std::snprintf(text, sizeof text, "epoch-%.10g", epoch);
  return text;
}

FineTuneSummary RunFineTuning(const std::filesystem::path& run, BertWeights* weights, const Task& task,
                              const FineTuneData& data, const FineTuneRunOptions& options,
                              FineTuneObserver* observer) {
  return Execution(run, weights, task, data, options, observer).Run();
}

std::vector<FineTunePoint> ReadFineTunePoints(const std::filesystem::path& run) {
  fs::path file = run / kState;
  if (!fs::exists(file)) {
    const auto step = NewestCheckpoint(run);
    if (!step) return {};
    file = CheckpointPath(run, *step) / kState;
  }
  std::vector<FineTunePoint> points;
  for (const LogEntry& entry : ReadTrainerState(file).log_history) {
    if (IsPoint(entry)) points.push_back(PointOf(entry));
  }
  return points;
}

}  // namespace bv
