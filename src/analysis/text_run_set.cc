#include "analysis/text_run_set.h"

#include "analysis/run_set.h"
#include "base/error.h"
#include "base/strings.h"
#include "metrics/task_scores.h"

namespace bv {

bool AreTextRuns(const std::vector<fs::path>& folders) {
  const std::vector<fs::path> found = FindLogits(folders);
  if (found.empty()) throw Error(ErrorKind::kUsage, "no run is given");
  const LogitsKind kind = KindOfLogits(found[0]);
  for (const fs::path& run : found) {
    if (KindOfLogits(run) == kind) continue;
    const bool first = kind == LogitsKind::kTexts;
    throw DataError(run.string(), Cat("finds ", first ? "answers" : "labels or values", ", but ",
                                      found[0].string(), first ? " labels or values" : " answers",
                                      "; only runs of one task can be put side by side"));
  }
  return kind == LogitsKind::kTexts;
}

TextRunSet LoadTextRuns(const std::vector<fs::path>& folders) {
  const std::vector<fs::path> found = FindLogits(folders);
  const std::vector<std::string> names = ShortNames(found);
  TextRunSet set;
  for (size_t i = 0; i < found.size(); ++i) {
    StoredTextLogits stored = ReadTextLogits(found[i]);
    if (i > 0) RequireSameRows(set.rows, found[0].string(), stored, found[i].string());
    set.runs.push_back({names[i], found[i], stored.logits, {}, {}});
    if (i > 0) continue;
    set.rows = std::move(stored);
    if (!set.rows.examples.labelled()) continue;
    for (int64_t row = 0; row < set.rows.examples.size(); ++row)
      set.golds.push_back(GoldValue(set.rows.examples, row));
  }
  for (AnalysedTextRun& run : set.runs) DecideRun(set, &run);
  return set;
}

void DecideRun(const TextRunSet& set, AnalysedTextRun* run) {
  run->predictions = DecideTexts(set.rows.examples, run->logits);
  if (set.labelled()) run->scores = ScorePredictions(set.rows.examples, run->predictions.values);
}

void RequireLabels(const TextRunSet& set) {
  if (set.labelled()) return;
  throw DataError(set.rows.examples.file(),
                  "it has no labels, and nothing can be said of predictions without them");
}

std::string MainMetric(const Task& task) {
  return MetricNames(task).front();
}

double ScoreOf(const AnalysedTextRun& run, const std::string& metric) {
  for (const auto& [name, value] : run.scores) {
    if (name == metric) return value;
  }
  throw Error(ErrorKind::kInternal, Cat(run.name, ": no score '", metric, "'"));
}

std::vector<double> RightRows(const TextRunSet& set, const AnalysedTextRun& run) {
  if (!set.of_classes()) throw Error(ErrorKind::kInternal, "values are not right or wrong");
  std::vector<double> right;
  for (size_t i = 0; i < set.golds.size(); ++i)
    right.push_back(run.predictions.values[i] == set.golds[i] ? 1 : 0);
  return right;
}

Interval DifferenceInterval(const TextRunSet& set, const AnalysedTextRun& a, const AnalysedTextRun& b,
                            const std::string& metric, const BootstrapOptions& bootstrap) {
  const auto difference = [&](std::span<const int64_t> rows) {
    std::vector<double> golds, of_a, of_b;
    for (const int64_t row : rows) {
      const auto i = static_cast<size_t>(row);
      golds.push_back(set.golds[i]);
      of_a.push_back(a.predictions.values[i]);
      of_b.push_back(b.predictions.values[i]);
    }
    return TaskScore(set.task(), metric, of_b, golds) - TaskScore(set.task(), metric, of_a, golds);
  };
  return BootstrapScore(static_cast<int64_t>(set.golds.size()), difference, bootstrap);
}

}  // namespace bv
