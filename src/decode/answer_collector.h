// From the windows of a whole data set to answers and scores: windows and their logits come in any order, are
// put together by question, decoded and scored by the official definition, and by the study's own where its
// decoder made the answers. One owner.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/squad.h"
#include "decode/span_decoder.h"
#include "decode/span_logits.h"
#include "metrics/piece_scores.h"
#include "metrics/squad_scores.h"

namespace bv {

// What a window is, as far as decoding goes. number orders the windows of the data.
struct WindowPlaceInData {
  int32_t example = 0;
  int32_t number = 0;
  int32_t context_begin = 0;
  int32_t context_end = 0;
};

class AnswerCollector {
 public:
  // Keeps the logits of `systems` models over the same windows. The data must outlive this.
  AnswerCollector(const QaData& data, int64_t systems);

  // ranges: one per piece. logits[s]: the pieces' start and end logits of system s, [T, 2] row by row. ids:
  // the pieces, for the study's decoder; of all windows or of none. Errors (kData): an example that the data
  // does not have.
  void Add(const WindowPlaceInData& place, std::span<const ByteRange> ranges,
           std::span<const std::span<const float>> logits, std::span<const int32_t> ids = {});

  // All that has been added of one system, in the order of the windows' numbers: the same whatever the
  // batches were.
  SpanLogits Logits(int64_t system) const;

  // One answer per example of the data, in its order. Errors (kData): a question without any window, logits
  // that are not finite.
  std::vector<DecodedAnswer> Decode(int64_t system, const DecodeOptions& options, int threads) const;

 private:
  struct Entry {
    WindowPlaceInData place;
    std::vector<ByteRange> ranges;
    std::vector<float> logits;  // per system: all starts, then all ends
    std::vector<int32_t> ids;
  };
  const QaData& data_;
  int64_t systems_;
  std::vector<Entry> entries_;
};

// Official scores of decoded answers with the null threshold they were decoded with; best_* come from their
// null odds, where they have such.
SquadScores ScoreAnswers(const QaData& data, const std::vector<DecodedAnswer>& answers,
                         double null_threshold);

// The study's scores of answers that its decoder made. tokenizer: that of the windows. Errors: as
// ScorePieces.
PieceScores ScoreAnswerPieces(const QaData& data, const Tokenizer& tokenizer,
                              const std::vector<DecodedAnswer>& answers);

}  // namespace bv
