// What training heads shows: a bar with the losses of the first heads while it runs, a line for every scored
// epoch, a table at the end. One owner.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "train/head_run.h"

namespace bv::cli {

class TrainDisplay : public HeadRunObserver {
 public:
  TrainDisplay(TaskKind task, SpanReduction reduction) : task_(task), reduction_(reduction) {}
  void OnStart(const std::vector<std::string>& heads, size_t finished, int64_t step,
               int64_t windows) override;
  void OnStep(const HeadTrainProgress& progress) override;
  void OnEvaluating(int64_t windows, int64_t all) override;
  void OnEvaluated(double epoch, const std::vector<std::string>& heads,
                   const std::vector<TaskEvaluation>& evaluations) override;
  bool StopRequested() override;

 private:
  TaskKind task_;
  SpanReduction reduction_;
  std::vector<std::string> names_;
  std::vector<double> smooth_;
  std::string losses_;  // what the bar says of them
  std::optional<Progress> bar_;
};

// What each head reached, as a table for people or as JSON.
void PrintHeadResults(const std::vector<HeadResult>& results, bool json);

}  // namespace bv::cli
