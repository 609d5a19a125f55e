// trainer_state.json as Hugging Face's Trainer writes it, so that its readers and plots work on our runs. It
// is for people and tools; what resuming needs is in the checkpoints.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bv {

// One entry of log_history: epoch and step, and what was measured there ("loss", "learning_rate", "eval_f1").
struct LogEntry {
  double epoch = 0;
  int64_t step = 0;
  std::vector<std::pair<std::string, double>> values;
};

struct TrainerState {
  double epoch = 0;
  int64_t global_step = 0;
  int64_t max_steps = 0;
  double num_train_epochs = 0;
  int32_t train_batch_size = 0;
  std::optional<double> best_metric;
  std::string best_model_checkpoint;  // folder; empty while there is none
  std::vector<LogEntry> log_history;
};

void WriteTrainerState(const std::filesystem::path& file, const TrainerState& state);
// Errors: kData with the key.
TrainerState ReadTrainerState(const std::filesystem::path& file);

}  // namespace bv
