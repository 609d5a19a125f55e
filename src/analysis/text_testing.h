// For tests only: sets of runs of texts made by hand.
#pragma once

#include <string>
#include <vector>

#include "analysis/text_run_set.h"

namespace bv::test {

// Rows with these golds; without labels a regression. Row i is i + 1 characters long.
inline TextRunSet MakeTextSet(const std::vector<std::string>& labels, const std::vector<double>& golds) {
  TextRunSet set;
  TaskExamples& examples = set.rows.examples;
  const bool regression = labels.empty();
  examples.task = regression ? Task{TaskKind::kRegression, "regression", {}}
                             : Task{TaskKind::kClassification, "classification", labels};
  examples.texts.file = "dev.tsv";
  examples.texts.labelled = true;
  examples.texts.regression = regression;
  for (size_t i = 0; i < golds.size(); ++i) {
    TextExample& text = examples.texts.examples.emplace_back();
    text.id = "r" + std::to_string(i);
    if (regression) text.value = golds[i];
    if (!regression) text.label = static_cast<int32_t>(golds[i]);
    set.rows.lengths.push_back(static_cast<int64_t>(i) + 1);
    set.rows.groups.push_back(static_cast<int32_t>(i));
  }
  set.golds = golds;
  return set;
}

inline void AddTextRun(TextRunSet* set, const std::string& name,
                       const std::vector<std::vector<float>>& logits) {
  AnalysedTextRun run = {name, "runs/" + name, {}, {}, {}};
  run.logits.outputs = static_cast<int64_t>(logits[0].size());
  for (size_t i = 0; i < logits.size(); ++i) {
    run.logits.logits.insert(run.logits.logits.end(), logits[i].begin(), logits[i].end());
    run.logits.example.push_back(static_cast<int32_t>(i));
  }
  DecideRun(*set, &run);
  set->runs.push_back(std::move(run));
}

}  // namespace bv::test
