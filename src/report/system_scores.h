// Systems scored again from their predictions, question by question, for intervals and for the answers that
// the page shows. The scores are those of layer metrics; a system whose scores come out other than its run
// recorded gets no interval. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "metrics/bootstrap.h"
#include "report/dev_data.h"

namespace bv {

// In percent. Groups of questions that the data does not have are missing.
struct SystemIntervals {
  Interval exact, f1;
  std::optional<Interval> has_exact, has_f1, no_answer;
};

// Values by question of a group's systems, 0..1.
struct AnswerScores {
  std::vector<std::vector<double>> exact, f1;  // [system of the group][question]
};

struct ScoredSystems {
  std::vector<AnswerScores> groups;                       // one per group of the data
  std::vector<std::optional<SystemIntervals>> intervals;  // one per system
  std::vector<std::string> why_not;                       // one per system; empty where there is an interval
};

// bootstrap.resamples 0: scores without intervals.
ScoredSystems ScoreSystems(const std::vector<ReportSystem>& systems, const DevData& data,
                           const BootstrapOptions& bootstrap);

}  // namespace bv
