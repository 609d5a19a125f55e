// The windows that the study itself was made with (spec section G, TF/paper path), beside those of windows.h:
// rules of the older SQuAD processing of Hugging Face's transformers, in which the stride is how far windows
// advance. They differ in where windows begin, in labels and in what is dropped, not in layout: [CLS]
// question [SEP] context [SEP], nothing padded. Free functions, safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/squad.h"
#include "features/windows.h"
#include "text/tokenizer.h"

namespace bv {

struct PaperWindowOptions {
  int32_t max_length = 386;     // pieces of a window, [CLS] and both [SEP] counted
  int32_t doc_stride = 128;     // context pieces from the begin of a window to that of the next
  int32_t question_limit = 64;  // pieces of a question; the rest is cut off
  // Whether windows get labels, and examples whose answer cannot be found in their words are dropped (they
  // then have no window). Otherwise all labels are 0, 0, as the reference has it,
  bool training = false;
  // or, with this, windows get labels where they can, so that evaluation has a loss, and nothing is dropped.
  bool labels = false;

  // Errors (kUsage): no stride; a question of the limit's length would leave less room than the stride, so
  // that pieces between two windows would be skipped.
  void Check() const;
};

// Questions have their whole length here, whatever is cut off.
struct PaperWindowStatistics : WindowStatistics {
  // Examples whose answer was not found (where labels are asked for), and the windows that they have: none in
  // training.
  int64_t dropped = 0, dropped_windows = 0;
  int64_t cut_questions = 0;  // questions longer than the limit
};

// A text cut at space, tab, CR, LF and U+202F, and nowhere else; bytes of the text.
std::vector<ByteRange> PaperWords(std::string_view text);

// A context as this path sees it: its words, and their pieces one word after the other.
struct PaperContext {
  std::vector<ByteRange> words;
  std::vector<int32_t> first_piece;  // of each word; one more entry holds the number of pieces
  Encoding pieces;                   // ranges are bytes of the context
};
PaperContext EncodePaperContext(const Tokenizer& tokenizer, std::string_view context);

// Where the answer's pieces stand: its words' pieces, narrowed to the first stretch of them that equals the
// answer's own pieces if there is one.
struct PaperLabel {
  enum Kind {
    kFound,
    kDropped,  // the answer is not among the words it stands in: white space of other kinds, or inside a word
    kNoPieces,  // its words have no pieces: there is nothing to point at (the reference labels an empty span)
  };
  Kind kind = kDropped;
  int32_t first = 0, last = 0;  // pieces of the context, both included
};
PaperLabel FindPaperLabel(const Tokenizer& tokenizer, const std::string& context, const PaperContext& encoded,
                          const Answer& answer);

// All windows of a data set, in the order of its examples. The label is that of the first gold answer, in
// those windows that hold all of its pieces, else 0, 0. A context without pieces gives one window (none in
// the reference). Errors: as Check.
std::vector<Window> MakePaperWindows(const Tokenizer& tokenizer, const QaData& data,
                                     const PaperWindowOptions& options, int threads,
                                     PaperWindowStatistics* statistics = nullptr);

}  // namespace bv
