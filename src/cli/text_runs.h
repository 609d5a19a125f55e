// predict and eval for runs of classification, regression and answerability: the part of these verbs that
// differs from spans. Reads data, runs the system, prints or writes.
#pragma once

#include <string>

#include "base/file.h"
#include "cli/options.h"
#include "cli/system_options.h"
#include "cli/task_options.h"
#include "metrics/bootstrap.h"

namespace bv::cli {

// What the verbs' flags say of texts.
struct TextRunFlags {
  fs::path data, out;
  std::string text, text_b;  // one text, or one pair
  int32_t threads = 0;
  bool json = false;
};

// Whether the run answers with labels or values instead of spans.
bool IsTextRun(const fs::path& run);

// Options that only runs of answers, or only runs of texts, have a use for would be passed over silently by
// the others: throw kUsage, naming the run, if one is given.
void RefuseOptionsOfSpans(const fs::path& run, const Options& options);
void RefuseOptionsOfTexts(const fs::path& run, const Options& options);

// Errors (kUsage): neither --data nor --text, or both.
void PredictTexts(const SystemFlags& system, const TaskFlags& task, const TextRunFlags& flags,
                  const Options& options);

// The scores of a run on labelled data, with 95 % bootstrap intervals of the accuracy where there are
// classes. flags.out: kept there as a run of its own.
void EvalTexts(const SystemFlags& system, const TaskFlags& task, const TextRunFlags& flags,
               const BootstrapOptions& bootstrap, const Options& options);

}  // namespace bv::cli
