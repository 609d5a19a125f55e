// Options of the verbs that answer questions with a run: which run, and what of it to change. They read and
// mean the same in each of these verbs.
#pragma once

#include <string>

#include "cli/options.h"
#include "pipeline/span_system.h"
#include "pipeline/text_system.h"

namespace bv::cli {

// --run, --model, --allow-other-backbone, --precision, --max-length, --doc-stride, --n-best,
// --max-answer-length, --null-score.
struct SystemFlags {
  fs::path run;
  std::string model, precision = "run", null_score = "run";
  bool allow_other_backbone = false;
  int32_t max_length = 0, doc_stride = -1, n_best = 0, max_answer_length = 0;

  SystemOptions ForLoading() const;

  Options::Declared Declare(Options& options);  // gives back --run
  // Errors (kUsage): one of the others is given although --run is not.
  void RequireRun(const Options& options) const;
  SpanSystem Load() const;
  TextSystem LoadTexts() const;
  // The run's own values where the user gave none; the null threshold is always the run's.
  DecodeOptions Decode(const SpanSystem& system, const QaData& data) const;
};

// Answers with a progress bar; the verb is its title. Stopped by Ctrl-C.
std::vector<DecodedAnswer> AnswerWithBar(const char* verb, const SpanSystem& system, const QaData& data,
                                         const DecodeOptions& decode, int threads);

}  // namespace bv::cli
