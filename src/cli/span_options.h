// Options that the verbs on spans share, so that they read the same and mean the same everywhere.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"
#include "decode/span_decoder.h"
#include "features/windows.h"

namespace bv::cli {

// How a verb cuts windows; each option counts where it was given, else the rule's default does.
struct WindowFlags {
  std::string rule = "hf";
  int32_t max_length = 384, doc_stride = 128, advance = 128, question_limit = 64, pad_to = 0;

  // --windows, --max-length, --doc-stride, --advance, --question-limit.
  void Declare(Options& declared);
  // --pad-to, for verbs with a backbone.
  void DeclarePadding(Options& declared);
  // Errors (kUsage): an option that the rule has no use for.
  WindowOptions Value(const Options& given) const;
};

// The names of those that windows of texts never have.
std::vector<const char*> QuestionWindowOptions();

// Tells the user how many questions the study's windows leave out of training, if any.
void SayDropped(int64_t questions);

// --decoder, --n-best, --max-answer-length, --null-threshold, --null-score.
struct DecodeFlags {
  DecodeOptions options;
  std::string null_score = "min", decoder = "auto";

  void Declare(Options& declared);
  // For windows of this rule. Errors (kUsage): an option that the decoder has no use for.
  DecodeOptions Value(const Options& given, WindowRule rule) const;
};

// The names of those that belong to the official rules, which the study's decoder and runs of texts have no
// use for.
std::vector<const char*> DecodeOptionNames();

// Throws kUsage if one of the options of the official rules is given, where the study's decoder makes the
// answers.
void RefuseForDecoder(const Options& given, const DecodeOptions& decode);

}  // namespace bv::cli
