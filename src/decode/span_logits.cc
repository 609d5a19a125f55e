#include "decode/span_logits.h"

#include "base/error.h"
#include "base/parallel.h"
#include "base/strings.h"

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
  const auto by_example = WindowsByExample(data, logits);
  std::vector<DecodedAnswer> answers(by_example.size());
  constexpr int64_t kGrain = 64;
  ParallelRanges(static_cast<int64_t>(by_example.size()), kGrain, threads, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      std::vector<WindowLogits> views;
      for (const int64_t window : by_example[i]) views.push_back(ViewOf(logits, window));
      answers[i] = DecodeQuestion(data.Context(data.examples[i]), views, options);
    }
  });
  return answers;
}

}  // namespace bv
