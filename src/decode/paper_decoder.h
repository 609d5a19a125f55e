// From logits to an answer as the study itself did it (spec section G, TF/paper path): the best start and the
// best end of a window by themselves, and the window that is surest of both. No n-best, no null score and no
// threshold, no limit of length, no restriction to the context; span_decoder.h is the official way. Pure
// functions: safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "text/byte_range.h"

namespace bv {

// Of one window; all spans have one entry per piece, [CLS] first. Pieces context_begin to context_end
// (half-open) belong to the context; their ranges are bytes of it. start and end may also be probabilities,
// such as the maxima or sums of several systems' (see DecodePaperQuestion). Padding, where a window is given
// with it, takes part as the study's did.
struct PaperWindow {
  std::span<const float> start;
  std::span<const float> end;
  std::span<const int32_t> ids;
  std::span<const ByteRange> ranges;
  int32_t context_begin = 0;
  int32_t context_end = 0;
};

struct PaperAnswer {
  std::vector<int32_t> pieces;  // what piece scores compare; empty: there is no answer
  int32_t window = 0;           // the one that won
  int32_t start = 0, end = 0;   // its best start and end; end < start: no answer
  double score = 0;             // best start probability times best end probability
  // For people and official scores: the part of the span that lies in the context. Empty where there is none,
  // in particular where the span covers only the question or special pieces.
  std::string text;
  ByteRange range;
};

enum class PaperScores {
  kLogits,         // turned into probabilities by a softmax over the pieces of the window
  kProbabilities,  // taken as they are, not normalised again
};

// The answer of one question from its windows (at least one, in the order of the context). Among equal
// starts, ends and windows the first wins. A window's answer is its pieces from start to end; it is empty if
// the end comes first or if it is [CLS] alone, and a window with an empty answer wins as any other. Errors:
// kData for scores that are not finite; kInternal for windows that contradict themselves or the context.
PaperAnswer DecodePaperQuestion(const std::string& context, std::span<const PaperWindow> windows,
                                PaperScores scores = PaperScores::kLogits);

}  // namespace bv
