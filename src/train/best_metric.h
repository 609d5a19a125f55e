// Which score of an evaluation decides what checkpoint is best, and what "better" means for it. Immutable;
// safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "data/task.h"
#include "run/results.h"

namespace bv {

class BestMetric {
 public:
  // asked: a score of the task, or "loss"; empty: F1 where the task has one, else its first score. Errors
  // (kUsage): another name, with those that there are.
  BestMetric(const std::string& asked, const Task& task);

  const std::string& name() const { return name_; }
  // The more the better; a score that is undefined (NaN) or missing is worse than any other. Data of
  // SQuAD 1.1 calls exact match exact_match and has no thresholds to choose.
  double Goodness(const Metrics& metrics) const;
  // The score that has this goodness; NaN of none.
  double Score(double goodness) const;

 private:
  bool LowerIsBetter() const;
  std::string name_;
};

// The scores that may decide, without "loss".
std::vector<std::string> DecidingScores(const Task& task);

}  // namespace bv
