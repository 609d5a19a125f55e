// Windows of classification: [CLS] text [SEP], or [CLS] text_a [SEP] text_b [SEP]; one a text or pair,
// whatever its length. What does not fit is cut off "longest first", equal to what a Hugging Face fast
// tokenizer makes with that strategy (docs/tokenization.md). Nothing is padded. Free functions, safe from any
// thread.
#pragma once

#include <cstdint>
#include <vector>

#include "data/text_data.h"
#include "features/windows.h"
#include "text/tokenizer.h"

namespace bv {

struct TextWindowOptions {
  int32_t max_length = 128;  // pieces of a window, [CLS] and each [SEP] counted

  // Errors (kUsage): a length that leaves no room for a piece of text.
  void Check(bool pair) const;
};

// Lengths in pieces, one entry an example.
struct TextWindowStatistics {
  int64_t cut = 0;                     // examples that lost pieces
  int64_t tokens = 0;                  // pieces of all windows
  std::vector<int32_t> a_lengths;      // of text_a, uncut, without [CLS] and [SEP]
  std::vector<int32_t> b_lengths;      // of text_b; empty where texts are single
  std::vector<int32_t> uncut_lengths;  // of the window that nothing would be cut from
};

// How many pieces of a pair of texts with a and b pieces are kept where room is left for both together. As
// the reference does it: the shorter text is kept whole where it fills half of the room at most, else both
// get half of it, the longer one (text_b, if they are equal) the odd piece.
struct PairLengths {
  int32_t a = 0, b = 0;
};
PairLengths CutLongestFirst(int32_t a, int32_t b, int32_t room);

// One window, of a text (b is null) or a pair. The window's context is text_b: context_begin to context_end
// are its pieces, their ranges bytes of it and their type 1; 0, 0 where there is no text_b. start and end are
// 0.
Window MakeTextWindow(const Tokenizer& tokenizer, const Encoding& a, const Encoding* b,
                      const TextWindowOptions& options);

// The windows of a data set, one an example, in its order. Errors: as TextWindowOptions::Check.
std::vector<Window> MakeTextWindows(const Tokenizer& tokenizer, const TextData& data,
                                    const TextWindowOptions& options, int threads,
                                    TextWindowStatistics* statistics = nullptr);

}  // namespace bv
