// Windows of question answering: [CLS] question [SEP] a stretch of the context [SEP]. A context too long for
// one window gives several that overlap by doc_stride pieces. Equal to what a Hugging Face fast tokenizer
// makes with truncation="only_second", stride and return_overflowing_tokens (docs/tokenization.md). Nothing
// is padded but by PadWindows. Free functions, safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/squad.h"
#include "text/tokenizer.h"

namespace bv {

// Whose rules cut a context into windows.
enum class WindowRule {
  kHf,     // those of this header
  kPaper,  // the study's own, paper_windows.h
};

// "hf", "paper".
const char* WindowRuleName(WindowRule rule);

struct WindowOptions {
  int32_t max_length = 384;  // pieces of a window, [CLS] and both [SEP] counted
  // Context pieces: kHf, that two neighbouring windows share; kPaper, from the begin of one to that of the
  // next.
  int32_t doc_stride = 128;
  WindowRule rule = WindowRule::kHf;
  int32_t question_limit = 64;  // kPaper: pieces of a question; the rest is cut off
  // kPaper: the windows are for training, so questions whose answer is not found have none.
  bool training = false;
  int32_t pad_to = 0;  // every window is filled up to so many pieces; 0: none is

  // Pieces of the longest window, padding counted.
  int32_t length() const { return pad_to > max_length ? pad_to : max_length; }
  // Errors (kUsage): values with which no window could advance, whatever the question.
  void Check() const;
  // Errors (kUsage): windows longer than what they are filled up to.
  void CheckPadding() const;
  // Errors (kUsage): windows longer than a model of this name has positions for.
  void RequirePositions(int64_t positions, const std::string& model) const;
};

// The defaults of a rule.
WindowOptions DefaultWindows(WindowRule rule);

struct Window {
  int32_t example = 0;            // index into QaData::examples
  std::vector<int32_t> ids;       // [pieces]
  std::vector<uint8_t> type_ids;  // [pieces]: 0 for [CLS] question [SEP], 1 for the rest
  // [pieces]: bytes of the question, or of the context; {0, 0} for [CLS], [SEP] and [PAD].
  std::vector<ByteRange> ranges;
  int32_t context_begin = 0, context_end = 0;  // the pieces of this window that are context
  // Pieces of the label: the first gold answer where it lies fully inside this window, else 0, 0 ([CLS]).
  int32_t start = 0, end = 0;
  int32_t padding = 0;  // pieces at the end that are [PAD]
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

// Fills every window up to `length` pieces with [PAD] of type 0, as the study did (spec section A): rows of
// the window like all others, which attention masks. Labels and the context stay where they are. Errors
// (kInternal): a longer window.
void PadWindows(int32_t pad_id, int32_t length, std::vector<Window>* windows);

// The value that `percent` of 100 values do not exceed (nearest rank); 0 of none.
int32_t Percentile(std::vector<int32_t> values, double percent);

}  // namespace bv
