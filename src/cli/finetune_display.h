// What fine-tuning shows: a bar while it runs, a line for every scored checkpoint, a table at the end.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/progress.h"
#include "train/finetune_run.h"

namespace bv::cli {

class FineTuneDisplay : public FineTuneObserver {
 public:
  explicit FineTuneDisplay(int64_t total_steps) : bar_("finetune", total_steps, "steps") {}
  void OnResume(int64_t step) override;
  void OnStep(int64_t step, int64_t total, double epoch, const FineTuneStep& result) override;
  void OnEvaluating(int64_t done, int64_t total) override;
  void OnPoint(const FineTunePoint& point) override;
  bool StopRequested() override;

 private:
  void Forecast(int64_t left);

  Progress bar_;
  double smooth_ = 0;
  int steps_ = 0;
  std::chrono::steady_clock::time_point begin_;
};

// The points of a run as a table for people, or as JSON. best: a point's folder, or empty.
void PrintFineTunePoints(const std::filesystem::path& out, const std::vector<FineTunePoint>& points,
                         const std::string& best, bool json);

}  // namespace bv::cli
