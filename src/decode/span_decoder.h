// From start and end logits to an answer: the decoder of training, command line and server, unless the
// study's own (paper_decoder.h) is asked for; span_logits.h knows which. It takes the windows of one
// question, puts their best spans together, weighs them against the null answer and reads the text out of the
// original context. It knows neither models nor tokenizers. Pure functions: safe from any thread.
//
// The rules are those of Hugging Face's example for extractive question answering, with two differences: the
// n_best starts and ends are taken among the pieces of the context (there: of the whole window, and those
// outside the context are then dropped), and equal logits are ranked by position (there: in no fixed order).
// Like there, a span found in two windows stands twice in the n-best, and a window's spans count even where
// another window holds more context around them (the older "max context" rule is not applied).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "features/windows.h"
#include "text/byte_range.h"

namespace bv {

// One window's logits; start, end and ranges have one entry per piece, [CLS] first. Pieces context_begin to
// context_end (half-open) belong to the context; their ranges are bytes of it.
struct WindowLogits {
  std::span<const float> start;
  std::span<const float> end;
  std::span<const ByteRange> ranges;
  int32_t context_begin = 0;
  int32_t context_end = 0;
};

struct DecodeOptions {
  // Which window's start[CLS] + end[CLS] is the question's null score.
  enum NullScore { kMin, kMax };
  // Whose rules make answers. For the study's nothing else of this counts.
  enum Decoder {
    kHf,     // those of this header
    kPaper,  // those of paper_decoder.h
    // The same, from log probabilities that are not to be normalised again: an ensemble's.
    kPaperCombined,
  };
  // Of n_best and max_answer_length, where they come from outside.
  static constexpr int32_t kMost = 1000;

  int32_t n_best = 20;             // starts and ends tried per window, and spans kept per question
  int32_t max_answer_length = 30;  // pieces
  double null_threshold = 0;       // the answer is empty if null score - best score > threshold, strictly
  NullScore null_score = kMin;
  bool allow_no_answer = true;  // false for data of SQuAD 1.1: no null entry, never an empty answer
  Decoder decoder = kHf;

  bool of_paper() const { return decoder != kHf; }
};

// "hf", "paper", "paper-combined", and back. Errors: kUsage with the names.
const char* DecoderName(DecodeOptions::Decoder decoder);
DecodeOptions::Decoder ParseDecoder(const std::string& name);
// The one that belongs to the windows.
DecodeOptions::Decoder DecoderFor(WindowRule rule);

// One entry of the n-best.
struct SpanCandidate {
  std::string text;        // "" for the null answer
  double probability = 0;  // softmax of start_logit + end_logit over the question's n-best
  double start_logit = 0;
  double end_logit = 0;
  int64_t begin = 0;  // bytes of the context
  int64_t end = 0;
};

struct DecodedAnswer {
  std::string text;       // "" if there is no answer
  std::string best_text;  // the best span, whatever the null score says; "" only if there is no span at all
  double score = 0;       // start + end logit of the best span; 0 if there is none
  double null_score = 0;
  double null_odds = 0;               // null_score - score
  ByteRange range;                    // of text in the context; empty if there is no answer
  std::vector<SpanCandidate> n_best;  // best first; with the null answer if that is allowed, even past n_best
  // By the study's decoder: no null score and odds; the score is a probability, the n-best this answer alone,
  // and `pieces` are what its scores compare: empty where there is no answer. They may hold pieces that are
  // not in the context, where `text` has less or nothing.
  bool has_null = true;
  std::vector<int32_t> pieces;
};

// Decodes the windows of one question (at least one, in the order of the context).
// Errors: kUsage for options out of range; kData for logits that are not finite; kInternal for windows that
// contradict themselves or the context.
DecodedAnswer DecodeQuestion(const std::string& context, std::span<const WindowLogits> windows,
                             const DecodeOptions& options);

}  // namespace bv
