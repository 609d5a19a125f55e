// Options of the verbs that answer questions with a run: which run, and what of it to change. They read and
// mean the same in each of these verbs.
#pragma once

#include <functional>
#include <string>

#include "cli/options.h"
#include "pipeline/span_system.h"
#include "pipeline/text_system.h"

namespace bv::cli {

// --run, --model, --allow-other-backbone, --precision, --windows, --max-length, --doc-stride, --advance,
// --question-limit, --pad-to, --decoder, --n-best, --max-answer-length, --null-score.
struct SystemFlags {
  fs::path run;
  std::string model, precision = "run", windows = "run", decoder = "run", null_score = "run";
  bool allow_other_backbone = false;
  int32_t max_length = 0, doc_stride = -1, advance = 0, question_limit = -1, pad_to = -1;
  int32_t n_best = 0, max_answer_length = 0;

  SystemOptions ForLoading() const;

  Options::Declared Declare(Options& options);  // gives back --run
  // Errors (kUsage): one of the others is given although --run is not.
  void RequireRun(const Options& options) const;
  SpanSystem Load() const;
  TextSystem LoadTexts() const;
  // of_run, how the run decoded its own evaluation, where the user gave nothing else; the null threshold is
  // always the run's. Errors (kUsage): an option that the decoder has no use for.
  DecodeOptions Decode(const DecodeOptions& of_run, const QaData& data, const Options& given) const;
};

// Shows the windows done in a progress bar named for the verb; always true: Ctrl-C ends these verbs by
// itself.
std::function<bool(int64_t done, int64_t total)> WindowsBar(const char* verb);

// The logits of the first run, with a progress bar; the verb is its title. Stopped by Ctrl-C.
SpanLogits LogitsWithBar(const char* verb, const SpanSystem& system, const QaData& data, int threads);

}  // namespace bv::cli
