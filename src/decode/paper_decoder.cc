#include "decode/paper_decoder.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

void CheckWindow(const std::string& context, const PaperWindow& window, size_t number) {
  const size_t pieces = window.ids.size();
  const bool shaped = pieces > 0 && window.start.size() == pieces && window.end.size() == pieces &&
                      window.ranges.size() == pieces;
  if (!shaped || window.context_begin < 0 || window.context_end < window.context_begin ||
      static_cast<size_t>(window.context_end) > pieces) {
    throw Error(ErrorKind::kInternal,
                Cat("window ", number, ": ", pieces, " pieces, ", window.start.size(), " starts, ",
                    window.end.size(), " ends, ", window.ranges.size(), " ranges, context pieces ",
                    window.context_begin, " to ", window.context_end));
  }
  for (size_t i = 0; i < pieces; ++i) {
    if (!std::isfinite(window.start[i]) || !std::isfinite(window.end[i])) {
      throw Error(
          ErrorKind::kData,
          Cat("window ", number, ", piece ", i, ": the scores are ", window.start[i], " and ", window.end[i],
              ", finite numbers are needed; training ", "diverged or the weights are damaged"));
    }
  }
  for (int32_t i = window.context_begin; i < window.context_end; ++i) {
    const ByteRange range = window.ranges[static_cast<size_t>(i)];
    if (range.begin < 0 || range.end < range.begin || static_cast<size_t>(range.end) > context.size()) {
      throw Error(ErrorKind::kInternal, Cat("window ", number, ", piece ", i, ": bytes ", range.begin, " to ",
                                            range.end, " of a context of ", context.size()));
    }
  }
}

struct Peak {
  int32_t piece = 0;
  double probability = 0;
};

Peak FindPeak(std::span<const float> values, PaperScores scores) {
  const auto best = std::max_element(values.begin(), values.end());  // the first of equal ones
  Peak peak{static_cast<int32_t>(best - values.begin()), *best};
  if (scores == PaperScores::kProbabilities) return peak;
  double sum = 0;
  for (const float value : values) sum += std::exp(static_cast<double>(value) - *best);
  peak.probability = 1 / sum;
  return peak;
}

// The answer's pieces and its text.
void ReadAnswer(const std::string& context, const PaperWindow& window, PaperAnswer* answer) {
  if (answer->end < answer->start || (answer->start == 0 && answer->end == 0)) return;
  const auto begin = window.ids.begin() + answer->start;
  answer->pieces.assign(begin, window.ids.begin() + answer->end + 1);
  const int32_t first = std::max(answer->start, window.context_begin);
  const int32_t last = std::min(answer->end, window.context_end - 1);
  if (first > last) return;
  answer->range = {window.ranges[static_cast<size_t>(first)].begin,
                   window.ranges[static_cast<size_t>(last)].end};
  answer->text = context.substr(static_cast<size_t>(answer->range.begin),
                                static_cast<size_t>(answer->range.end - answer->range.begin));
}

}  // namespace

PaperAnswer DecodePaperQuestion(const std::string& context, std::span<const PaperWindow> windows,
                                PaperScores scores) {
  if (windows.empty()) throw Error(ErrorKind::kInternal, "a question without windows cannot be decoded");
  PaperAnswer answer;
  for (size_t i = 0; i < windows.size(); ++i) {
    CheckWindow(context, windows[i], i);
    const Peak start = FindPeak(windows[i].start, scores), end = FindPeak(windows[i].end, scores);
    const double score = start.probability * end.probability;
    if (i > 0 && !(score > answer.score)) continue;
    answer.window = static_cast<int32_t>(i);
    answer.start = start.piece;
    answer.end = end.piece;
    answer.score = score;
  }
  ReadAnswer(context, windows[static_cast<size_t>(answer.window)], &answer);
  return answer;
}

}  // namespace bv
