#include "train/head_trainee.h"

#include <cmath>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr const char* kState = "trainer_state.json";
constexpr int64_t kLogSteps = 10;

double ValueOf(const LogEntry& entry, const std::string& name, const fs::path& file) {
  for (const auto& [key, value] : entry.values) {
    if (key == name) return value;
  }
  throw DataError(file.string(), Cat("the last entry of log_history has no '", name, "'"));
}

}  // namespace

void HeadTrainee::OpenRun(RunFolder run, int64_t step) {
  run_.emplace(std::move(run));
  events_ = std::make_unique<EventWriter>(run_->path(), step);
}

void HeadTrainee::NoteStep(const HeadTrainProgress& progress, double loss) {
  state_.epoch = progress.epoch;
  state_.global_step = progress.step;
  loss_sum_ += loss;
  const int64_t since = progress.step % kLogSteps == 0 ? kLogSteps : progress.step % kLogSteps;
  if (since != kLogSteps && progress.step != progress.total_steps) return;
  const double mean = loss_sum_ / static_cast<double>(since);
  loss_sum_ = 0;
  state_.log_history.push_back(
      {progress.epoch, progress.step, {{"loss", mean}, {"learning_rate", progress.lr}}});
  events_->Scalar("train/loss", mean, progress.step);
  events_->Scalar("train/learning_rate", progress.lr, progress.step);
  events_->Flush();
}

void HeadTrainee::NoteEvaluation(double epoch, int64_t step, const Metrics& metrics) {
  LogEntry entry = {epoch, step, {}};
  for (const auto& [name, value] : metrics) {
    entry.values.emplace_back("eval_" + name, value);
    events_->Scalar("eval/" + name, value, step);
  }
  if (EndsWithEvaluation(step)) state_.log_history.pop_back();
  state_.log_history.push_back(std::move(entry));
  events_->Flush();
}

bool HeadTrainee::EndsWithEvaluation(int64_t step) const {
  const auto& history = state_.log_history;
  return !history.empty() && history.back().step == step && !history.back().values.empty() &&
         history.back().values.front().first.starts_with("eval_");
}

double HeadTrainee::LastLoss() const {
  for (auto entry = state_.log_history.rbegin(); entry != state_.log_history.rend(); ++entry) {
    for (const auto& [name, value] : entry->values) {
      if (name == "loss") return value;
    }
  }
  return std::nan("");
}

void HeadTrainee::SaveState(const fs::path& folder, double seconds) const {
  TrainerState state = state_;
  // What the format of trainer_state.json has no place for.
  state.log_history.push_back(
      {state.epoch, state.global_step, {{"seconds", seconds}, {"loss_sum", loss_sum_}}});
  WriteTrainerState(StateFile(folder), state);
}

double HeadTrainee::LoadState(const fs::path& folder) {
  const fs::path file = StateFile(folder);
  state_ = ReadTrainerState(file);
  auto& history = state_.log_history;
  if (history.empty()) throw DataError(file.string(), "log_history is empty");
  const double seconds = ValueOf(history.back(), "seconds", file);
  loss_sum_ = ValueOf(history.back(), "loss_sum", file);
  history.pop_back();
  return seconds;
}

void HeadTrainee::WriteState() const {
  WriteTrainerState(run_->path() / kState, state_);
}

fs::path HeadTrainee::StateFile(const fs::path& folder) const {
  return folder / (head_->name() + "." + kState);
}

}  // namespace bv
