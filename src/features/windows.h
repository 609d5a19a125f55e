// Windows of question answering: [CLS] question [SEP] a stretch of the context [SEP]. A context too long for
// one window gives several that overlap by doc_stride pieces. Equal to what a Hugging Face fast tokenizer
// makes with truncation="only_second", stride and return_overflowing_tokens (docs/tokenization.md). Nothing
// is padded. Free functions, safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/squad.h"
#include "text/tokenizer.h"

namespace bv {

struct WindowOptions {
  int32_t max_length = 384;  // pieces of a window, [CLS] and both [SEP] counted
  int32_t doc_stride = 128;  // context pieces that two neighbouring windows share

  // Errors (kUsage): values with which no window could advance, whatever the question.
  void Check() const;
};

struct Window {
  int32_t example = 0;            // index into QaData::examples
  std::vector<int32_t> ids;       // [pieces]
  std::vector<uint8_t> type_ids;  // [pieces]: 0 for [CLS] question [SEP], 1 for the rest
  // [pieces]: bytes of the question, or of the context; {0, 0} for [CLS] and [SEP].
  std::vector<ByteRange> ranges;
  int32_t context_begin = 0, context_end = 0;  // the pieces of this window that are context
  // Pieces of the label: the first gold answer where it lies fully inside this window, else 0, 0 ([CLS]).
  int32_t start = 0, end = 0;
};

// What the windows of a data file look like; lengths are in pieces, one entry an example (or window).
struct WindowStatistics {
  int64_t answerable = 0;   // examples with a gold answer
  int64_t impossible = 0;   // examples that the file calls impossible
  int64_t lost_labels = 0;  // answerable examples whose answer lies fully inside none of their windows
  int64_t tokens = 0;       // pieces of all windows
  std::vector<int32_t> question_lengths, context_lengths, window_lengths, windows_per_example;
};

// The windows of one question. `name` is the example's id, for messages. Errors (kData): the question leaves
// no room for the context; doc_stride is not less than the room it leaves.
std::vector<Window> CutWindows(const Tokenizer& tokenizer, const Encoding& question, const Encoding& context,
                               const WindowOptions& options, const std::string& name);

// The label of an answer at these bytes of the context, set in those windows that hold all of it (spec
// section G, torch path): from the last piece that begins at or before it to the first that ends at or after
// it. Pieces of one and the same character count together. Returns whether any window holds it.
bool SetLabel(ByteRange answer, std::span<Window> windows);

// All windows of a data set, in the order of its examples. Each context is tokenized once. Errors: as
// CutWindows.
std::vector<Window> MakeWindows(const Tokenizer& tokenizer, const QaData& data, const WindowOptions& options,
                                int threads, WindowStatistics* statistics = nullptr);

// The value that `percent` of 100 values do not exceed (nearest rank); 0 of none.
int32_t Percentile(std::vector<int32_t> values, double percent);

}  // namespace bv
