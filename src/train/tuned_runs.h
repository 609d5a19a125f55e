// The runs of the BERTVision study on GLUE whose rate, seed and sizes it had searched for (spec section F,
// "Tuned runs"), by the names that --recipe takes: of BERT itself, and of the AP head on its states. The
// table is constant: safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace bv {

enum class TunedSystem {
  kBert,  // fine-tuning, by the rest of recipe F6
  kAp,    // the AP head, by the rest of F7
};

struct TunedRun {
  std::string name;  // "paper-rte-base", "paper-ap-rte-large"
  TunedSystem system = TunedSystem::kBert;
  std::string task;          // GLUE's, as in data/glue_tasks.h
  int64_t hidden_size = 0;   // of the backbone that it was tuned on: BERT-base 768, BERT-large 1024
  int32_t max_length = 0;    // pieces of a window
  int32_t batch_size = 0;    // windows
  int64_t width = 0;         // of the AP head's adapter; 0: as many as a window has pieces
  double learning_rate = 0;  // at the peak
  uint64_t seed = 0;

  // Errors (kUsage): the data's task is another.
  void RequireTask(const std::string& data_task) const;
  // Errors (kUsage): the states are of longer or shorter windows.
  void RequireLength(int32_t states_length) const;
};

// In the spec's order. Values that a run has from its task's recipe are filled in.
const std::vector<TunedRun>& TunedRuns();
// Null for a name that is none.
const TunedRun* TunedRunOrNull(TunedSystem system, const std::string& name);

// The names in a line, for help and messages: "paper-TASK-base of rte, mrpc; paper-TASK-large of rte".
std::string TunedRunList(TunedSystem system);

// For a name that is neither one of `plain` nor a tuned run's: what there is, the nearest first.
Error UnknownRecipe(const std::string& name, const std::vector<std::string>& plain, TunedSystem system);

}  // namespace bv
