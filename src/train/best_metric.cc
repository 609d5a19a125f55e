#include "train/best_metric.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/error.h"
#include "base/strings.h"
#include "metrics/task_scores.h"

namespace bv {
namespace {

constexpr const char* kLoss = "loss";

std::optional<double> Find(const Metrics& metrics, const std::string& name) {
  for (const auto& [key, value] : metrics) {
    if (key == name) return value;
  }
  return std::nullopt;
}

// What SQuAD 1.1 has in place of a score of 2.0.
std::string Otherwise(const std::string& name) {
  if (name == "exact") return "exact_match";
  return name == "best_exact" ? "exact_match" : "f1";
}

std::string Chosen(const std::string& asked, const std::vector<std::string>& known) {
  if (asked == kLoss || std::find(known.begin(), known.end(), asked) != known.end()) return asked;
  if (!asked.empty()) {
    throw Error(ErrorKind::kUsage,
                Cat("--metric ", Quoted(asked), " is none of this task's: ", Join(known, ", "), ", ", kLoss));
  }
  return std::find(known.begin(), known.end(), "f1") != known.end() ? "f1" : known.front();
}

}  // namespace

std::vector<std::string> DecidingScores(const Task& task) {
  if (!task.of_spans()) return MetricNames(task);
  return {"f1", "exact", "best_f1", "best_exact", "HasAns_f1", "HasAns_exact", "NoAns_f1", "NoAns_exact"};
}

BestMetric::BestMetric(const std::string& asked, const Task& task)
    : name_(Chosen(asked, DecidingScores(task))) {}

bool BestMetric::LowerIsBetter() const {
  return name_ == kLoss || name_ == "mse";
}

double BestMetric::Goodness(const Metrics& metrics) const {
  std::optional<double> value = Find(metrics, name_);
  if (!value && name_ != kLoss) value = Find(metrics, Otherwise(name_));
  if (!value || std::isnan(*value)) return -std::numeric_limits<double>::infinity();
  return LowerIsBetter() ? -*value : *value;
}

double BestMetric::Score(double goodness) const {
  if (std::isinf(goodness)) return std::numeric_limits<double>::quiet_NaN();
  return LowerIsBetter() ? -goodness : goodness;
}

}  // namespace bv
