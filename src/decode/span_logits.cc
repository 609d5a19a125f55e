#include "decode/span_logits.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"
#include "base/strings.h"
#include "decode/paper_decoder.h"

namespace bv {
namespace {

WindowLogits ViewOf(const SpanLogits& logits, int64_t window) {
  const auto w = static_cast<size_t>(window);
  const auto begin = static_cast<size_t>(logits.offsets[w]);
  const size_t pieces = static_cast<size_t>(logits.offsets[w + 1]) - begin;
  return {.start = {logits.start.data() + begin, pieces},
          .end = {logits.end.data() + begin, pieces},
          .ranges = {logits.ranges.data() + begin, pieces},
          .context_begin = logits.context[2 * w],
          .context_end = logits.context[2 * w + 1]};
}

// Probabilities of windows, for as long as they are decoded.
std::vector<float> Exponentials(std::span<const float> logs) {
  std::vector<float> values(logs.size());
  std::transform(logs.begin(), logs.end(), values.begin(), [](float log) { return std::exp(log); });
  return values;
}

DecodedAnswer AsDecoded(const PaperAnswer& found, const WindowLogits& window) {
  DecodedAnswer answer;
  answer.has_null = false;
  answer.text = answer.best_text = found.text;
  answer.score = found.score;
  answer.range = found.range;
  answer.pieces = found.pieces;
  // A sum of several systems' probabilities may be more than 1.
  answer.n_best = {{found.text, std::min(found.score, 1.0), window.start[static_cast<size_t>(found.start)],
                    window.end[static_cast<size_t>(found.end)], found.range.begin, found.range.end}};
  return answer;
}

DecodedAnswer DecodeByPaper(const std::string& context, const SpanLogits& logits,
                            const std::vector<int64_t>& windows, bool log_probabilities) {
  std::vector<PaperWindow> views;
  std::vector<std::vector<float>> probabilities;
  for (const int64_t number : windows) {
    const WindowLogits view = ViewOf(logits, number);
    const auto begin = static_cast<size_t>(logits.offsets[static_cast<size_t>(number)]);
    PaperWindow window = {view.start,  view.end,           {logits.ids.data() + begin, view.start.size()},
                          view.ranges, view.context_begin, view.context_end};
    if (log_probabilities) {
      window.start = probabilities.emplace_back(Exponentials(view.start));
      window.end = probabilities.emplace_back(Exponentials(view.end));
    }
    views.push_back(window);
  }
  const PaperAnswer found = DecodePaperQuestion(
      context, views, log_probabilities ? PaperScores::kProbabilities : PaperScores::kLogits);
  return AsDecoded(found, ViewOf(logits, windows[static_cast<size_t>(found.window)]));
}

DecodedAnswer Decode(const std::string& context, const SpanLogits& logits,
                     const std::vector<int64_t>& windows, const DecodeOptions& options) {
  if (options.of_paper())
    return DecodeByPaper(context, logits, windows, options.decoder == DecodeOptions::kPaperCombined);
  std::vector<WindowLogits> views;
  views.reserve(windows.size());
  for (const int64_t window : windows) views.push_back(ViewOf(logits, window));
  return DecodeQuestion(context, views, options);
}

}  // namespace

std::vector<std::vector<int64_t>> WindowsByExample(const QaData& data, const SpanLogits& logits) {
  std::vector<std::vector<int64_t>> by_example(data.examples.size());
  for (int64_t window = 0; window < logits.windows(); ++window) {
    const int32_t example = logits.example[static_cast<size_t>(window)];
    if (example < 0 || static_cast<size_t>(example) >= by_example.size()) {
      throw Error(ErrorKind::kData, Cat("a window belongs to question ", example, " of ", data.file,
                                        ", which has ", by_example.size()));
    }
    by_example[static_cast<size_t>(example)].push_back(window);
  }
  for (size_t i = 0; i < by_example.size(); ++i) {
    if (by_example[i].empty())
      throw Error(ErrorKind::kData, Cat("question ", Quoted(data.examples[i].id), " has no window"));
  }
  return by_example;
}

std::vector<DecodedAnswer> DecodeSpans(const QaData& data, const SpanLogits& logits,
                                       const DecodeOptions& options, int threads) {
  if (options.of_paper() && static_cast<int64_t>(logits.ids.size()) != logits.pieces()) {
    throw Error(ErrorKind::kInternal, Cat(logits.ids.size(), " piece ids for ", logits.pieces(), " pieces"));
  }
  const auto by_example = WindowsByExample(data, logits);
  std::vector<DecodedAnswer> answers(by_example.size());
  constexpr int64_t kGrain = 64;
  ParallelRanges(static_cast<int64_t>(by_example.size()), kGrain, threads, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      answers[i] = Decode(data.Context(data.examples[i]), logits, by_example[i], options);
    }
  });
  return answers;
}

}  // namespace bv
