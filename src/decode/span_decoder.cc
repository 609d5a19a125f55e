#include "decode/span_decoder.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

struct Candidate {
  double start_logit = 0;
  double end_logit = 0;
  ByteRange range;  // empty: the null answer
  double score() const { return start_logit + end_logit; }
};

void CheckOptions(const DecodeOptions& options) {
  if (options.n_best < 1) {
    throw Error(ErrorKind::kUsage, Cat("n-best: ", options.n_best, ", allowed is 1 or more"));
  }
  if (options.max_answer_length < 1) {
    throw Error(ErrorKind::kUsage,
                Cat("longest answer: ", options.max_answer_length, " pieces, allowed is 1 or more"));
  }
  if (std::isnan(options.null_threshold)) throw Error(ErrorKind::kUsage, "null threshold: not a number");
}

void CheckFinite(const WindowLogits& window, int32_t piece, size_t number) {
  const auto i = static_cast<size_t>(piece);
  if (std::isfinite(window.start[i]) && std::isfinite(window.end[i])) return;
  throw Error(ErrorKind::kData, Cat("window ", number, ", piece ", piece, ": the logits are ",
                                    window.start[i], " and ", window.end[i],
                                    ", finite numbers are needed; training diverged or the weights are "
                                    "damaged"));
}

void CheckWindow(const std::string& context, const WindowLogits& window, size_t number) {
  const size_t pieces = window.start.size();
  const bool shaped = pieces > 0 && window.end.size() == pieces && window.ranges.size() == pieces;
  if (!shaped || window.context_begin < 0 || window.context_end < window.context_begin ||
      static_cast<size_t>(window.context_end) > pieces) {
    throw Error(ErrorKind::kInternal,
                Cat("window ", number, ": ", pieces, " start logits, ", window.end.size(), " end logits, ",
                    window.ranges.size(), " ranges, context pieces ", window.context_begin, " to ",
                    window.context_end));
  }
  CheckFinite(window, 0, number);
  for (int32_t piece = window.context_begin; piece < window.context_end; ++piece) {
    CheckFinite(window, piece, number);
    const ByteRange range = window.ranges[static_cast<size_t>(piece)];
    if (range.begin < 0 || range.end < range.begin || static_cast<size_t>(range.end) > context.size()) {
      throw Error(ErrorKind::kInternal, Cat("window ", number, ", piece ", piece, ": bytes ", range.begin,
                                            " to ", range.end, " of a context of ", context.size()));
    }
  }
}

// The pieces of the context with the highest logits, best first; equal ones by position.
std::vector<int32_t> Best(std::span<const float> logits, const WindowLogits& window, int32_t n) {
  std::vector<int32_t> pieces(static_cast<size_t>(window.context_end - window.context_begin));
  std::iota(pieces.begin(), pieces.end(), window.context_begin);
  const auto kept = pieces.begin() + std::min<int64_t>(n, static_cast<int64_t>(pieces.size()));
  std::partial_sort(pieces.begin(), kept, pieces.end(), [&](int32_t a, int32_t b) {
    const float left = logits[static_cast<size_t>(a)];
    const float right = logits[static_cast<size_t>(b)];
    return left != right ? left > right : a < b;
  });
  pieces.erase(kept, pieces.end());
  return pieces;
}

void AddSpans(const WindowLogits& window, const DecodeOptions& options, std::vector<Candidate>* candidates) {
  const std::vector<int32_t> ends = Best(window.end, window, options.n_best);
  for (const int32_t start : Best(window.start, window, options.n_best)) {
    for (const int32_t end : ends) {
      if (end < start || end - start >= options.max_answer_length) continue;
      const auto s = static_cast<size_t>(start);
      const auto e = static_cast<size_t>(end);
      const ByteRange range{window.ranges[s].begin, window.ranges[e].end};
      if (range.begin < range.end) candidates->push_back({window.start[s], window.end[e], range});
    }
  }
}

Candidate NullCandidate(std::span<const WindowLogits> windows, DecodeOptions::NullScore which) {
  Candidate null{windows[0].start[0], windows[0].end[0], {}};
  for (const WindowLogits& window : windows) {
    const Candidate other{window.start[0], window.end[0], {}};
    const bool better =
        which == DecodeOptions::kMin ? other.score() < null.score() : other.score() > null.score();
    if (better) null = other;
  }
  return null;
}

bool IsNull(const Candidate& candidate) {
  return candidate.range.begin == candidate.range.end;
}

// The best n_best, and the null answer behind them if it is not among them.
void KeepBest(const DecodeOptions& options, const Candidate& null, std::vector<Candidate>* candidates) {
  if (options.allow_no_answer) candidates->push_back(null);
  std::stable_sort(candidates->begin(), candidates->end(),
                   [](const Candidate& a, const Candidate& b) { return a.score() > b.score(); });
  if (candidates->size() > static_cast<size_t>(options.n_best)) {
    candidates->resize(static_cast<size_t>(options.n_best));
    const bool has_null = std::any_of(candidates->begin(), candidates->end(), IsNull);
    if (options.allow_no_answer && !has_null) candidates->push_back(null);
  }
}

std::vector<SpanCandidate> WithProbabilities(const std::string& context,
                                             const std::vector<Candidate>& candidates) {
  std::vector<SpanCandidate> entries;
  double sum = 0;
  for (const Candidate& candidate : candidates) {
    SpanCandidate entry;
    entry.begin = candidate.range.begin;
    entry.end = candidate.range.end;
    entry.text =
        context.substr(static_cast<size_t>(entry.begin), static_cast<size_t>(entry.end - entry.begin));
    entry.start_logit = candidate.start_logit;
    entry.end_logit = candidate.end_logit;
    entry.probability = std::exp(candidate.score() - candidates[0].score());
    sum += entry.probability;
    entries.push_back(std::move(entry));
  }
  for (SpanCandidate& entry : entries) entry.probability /= sum;
  return entries;
}

}  // namespace

const char* DecoderName(DecodeOptions::Decoder decoder) {
  if (decoder == DecodeOptions::kHf) return "hf";
  return decoder == DecodeOptions::kPaper ? "paper" : "paper-combined";
}

DecodeOptions::Decoder ParseDecoder(const std::string& name) {
  for (const auto decoder : {DecodeOptions::kHf, DecodeOptions::kPaper, DecodeOptions::kPaperCombined}) {
    if (name == DecoderName(decoder)) return decoder;
  }
  throw Error(ErrorKind::kUsage,
              Cat("decoder ", Quoted(name), " is unknown; hf, paper and paper-combined are allowed"));
}

DecodeOptions::Decoder DecoderFor(WindowRule rule) {
  return rule == WindowRule::kPaper ? DecodeOptions::kPaper : DecodeOptions::kHf;
}

DecodedAnswer DecodeQuestion(const std::string& context, std::span<const WindowLogits> windows,
                             const DecodeOptions& options) {
  CheckOptions(options);
  if (windows.empty()) throw Error(ErrorKind::kInternal, "a question without windows cannot be decoded");
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < windows.size(); ++i) {
    CheckWindow(context, windows[i], i);
    AddSpans(windows[i], options, &candidates);
  }
  const Candidate null = NullCandidate(windows, options.null_score);
  // Found before the cut: with n_best 1 the null answer may be all that is left.
  const auto best =
      std::max_element(candidates.begin(), candidates.end(),
                       [](const Candidate& a, const Candidate& b) { return a.score() < b.score(); });
  DecodedAnswer answer;
  ByteRange range;
  if (best != candidates.end()) {
    answer.score = best->score();
    range = best->range;
  }
  answer.null_score = null.score();
  answer.null_odds = answer.null_score - answer.score;
  answer.best_text =
      context.substr(static_cast<size_t>(range.begin), static_cast<size_t>(range.end - range.begin));
  if (!options.allow_no_answer || !(answer.null_odds > options.null_threshold)) {
    answer.text = answer.best_text;
    answer.range = range;
  }
  KeepBest(options, null, &candidates);
  answer.n_best = WithProbabilities(context, candidates);
  return answer;
}

}  // namespace bv
