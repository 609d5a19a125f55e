// Runs of classification, regression or answerability on the same rows, side by side: the counterpart of
// run_set.h, from their logits, without model and data. Loading is the only place that touches files; a
// loaded set is plain data, safe to read from any thread.
#pragma once

#include <string>
#include <vector>

#include "logits/text_logits_file.h"
#include "metrics/bootstrap.h"
#include "run/results.h"

namespace bv {

struct AnalysedTextRun {
  std::string name;  // its folder, without what all runs have in common
  fs::path folder;
  TextLogits logits;
  TextPredictions predictions;
  Metrics scores;  // the task's own first; none where the data has no labels
};

struct TextRunSet {
  StoredTextLogits rows;      // of the first run: task, ids, labels, lengths; its logits are the first run's
  std::vector<double> golds;  // one per row; empty without labels
  std::vector<AnalysedTextRun> runs;

  const Task& task() const { return rows.examples.task; }
  bool labelled() const { return !golds.empty(); }
  bool of_classes() const { return !task().labels.empty(); }
};

// Whether the runs are of texts. Errors: those of FindLogits and KindOfLogits; kData, naming both, where some
// are and others are of spans.
bool AreTextRuns(const std::vector<fs::path>& folders);

// Errors: those of FindLogits, ReadTextLogits, RequireSameRows and DecideTexts.
TextRunSet LoadTextRuns(const std::vector<fs::path>& folders);

// Decides by the logits and scores, where there are labels.
void DecideRun(const TextRunSet& set, AnalysedTextRun* run);

// Throws kData unless the rows have labels.
void RequireLabels(const TextRunSet& set);

// The name of the score that runs are weighed and compared by: the task's first.
std::string MainMetric(const Task& task);
double ScoreOf(const AnalysedTextRun& run, const std::string& metric);

// 1 for rows whose class is predicted, else 0. Errors (kInternal): a regression.
std::vector<double> RightRows(const TextRunSet& set, const AnalysedTextRun& run);

// 95 % interval of a score of b minus that of a over resampled rows.
Interval DifferenceInterval(const TextRunSet& set, const AnalysedTextRun& a, const AnalysedTextRun& b,
                            const std::string& metric, const BootstrapOptions& bootstrap);

}  // namespace bv
