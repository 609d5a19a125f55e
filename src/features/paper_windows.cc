#include "features/paper_windows.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/error.h"
#include "base/parallel.h"
#include "base/strings.h"
#include "text/utf8.h"

namespace bv {
namespace {

constexpr int32_t kSpecials = 3;  // [CLS], [SEP], [SEP]
constexpr int64_t kGrain = 16;    // examples a thread takes at a time

int32_t Count(const Encoding& encoding) {
  return static_cast<int32_t>(encoding.ids.size());
}

bool SplitsWords(char32_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0x202F;
}

// Where Python's str.split() cuts, which is how the reference squeezes an answer's white space.
bool SplitsPythonText(char32_t c) {
  constexpr std::array<char32_t, 10> kOthers = {0x20,   0x85,   0xA0,   0x1680, 0x2028,
                                                0x2029, 0x202F, 0x205F, 0x3000, 0x0B};
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F) || (c >= 0x2000 && c <= 0x200A) ||
         std::find(kOthers.begin(), kOthers.end(), c) != kOthers.end();
}

template <typename Splits>
std::vector<ByteRange> CutWords(std::string_view text, Splits splits) {
  std::vector<ByteRange> words;
  bool inside = false;
  for (size_t i = 0; i < text.size();) {
    const DecodedCodePoint c = DecodeUtf8(text, i);
    const auto begin = static_cast<int32_t>(i);
    i += static_cast<size_t>(c.bytes);
    if (splits(c.code)) {
      inside = false;
      continue;
    }
    if (!inside) words.push_back({begin, begin});
    words.back().end = static_cast<int32_t>(i);
    inside = true;
  }
  return words;
}

std::string JoinWords(std::string_view text, std::span<const ByteRange> words) {
  std::string joined;
  for (const ByteRange& word : words) {
    if (!joined.empty()) joined += ' ';
    joined += text.substr(static_cast<size_t>(word.begin),
                          static_cast<size_t>(word.end) - static_cast<size_t>(word.begin));
  }
  return joined;
}

// The last word that begins at or before the byte; -1 if none does.
int32_t WordAt(const PaperContext& context, int64_t byte) {
  const auto after = std::upper_bound(context.words.begin(), context.words.end(), byte,
                                      [](int64_t b, const ByteRange& word) { return b < word.begin; });
  return static_cast<int32_t>(after - context.words.begin()) - 1;
}

void Append(const Encoding& encoding, int32_t begin, int32_t end, uint8_t type, int32_t separator,
            Window* window) {
  window->ids.insert(window->ids.end(), encoding.ids.begin() + begin, encoding.ids.begin() + end);
  window->ranges.insert(window->ranges.end(), encoding.ranges.begin() + begin, encoding.ranges.begin() + end);
  window->ids.push_back(separator);
  window->ranges.push_back({});
  window->type_ids.resize(window->ids.size(), type);
}

Window BuildWindow(const Tokenizer& tokenizer, const Encoding& question, int32_t question_pieces,
                   const Encoding& context, ByteRange pieces) {
  Window window;
  window.ids.push_back(tokenizer.cls_id());
  window.ranges.push_back({});
  Append(question, 0, question_pieces, 0, tokenizer.sep_id(), &window);
  window.context_begin = static_cast<int32_t>(window.ids.size());
  window.context_end = window.context_begin + pieces.end - pieces.begin;
  Append(context, pieces.begin, pieces.end, 1, tokenizer.sep_id(), &window);
  return window;
}

// What one example gives: its windows, and what the statistics count.
struct ExampleWindows {
  std::vector<Window> windows;
  int32_t question_length = 0;
  bool dropped = false, cut_question = false, lost_label = false;
};

ExampleWindows MakeExampleWindows(const Tokenizer& tokenizer, const QaData& data, const QaExample& example,
                                  const PaperContext& context, const PaperWindowOptions& options) {
  ExampleWindows out;
  const Encoding question = tokenizer.Encode(example.question);
  out.question_length = Count(question);
  const bool labelled =
      (options.training || options.labels) && !example.impossible && !example.answers.empty();
  PaperLabel label;
  if (labelled) {
    label = FindPaperLabel(tokenizer, data.Context(example), context, example.answers.front());
    out.dropped = label.kind == PaperLabel::kDropped;
    if (out.dropped && options.training) return out;
  }
  const int32_t question_pieces = std::min(Count(question), options.question_limit);
  out.cut_question = question_pieces < Count(question);
  const int32_t capacity = options.max_length - question_pieces - kSpecials;
  const int32_t length = Count(context.pieces);
  out.lost_label = labelled && !out.dropped;
  for (int32_t begin = 0;; begin += options.doc_stride) {
    const int32_t end = std::min(begin + capacity, length);
    Window window = BuildWindow(tokenizer, question, question_pieces, context.pieces, {begin, end});
    if (label.kind == PaperLabel::kFound && label.first >= begin && label.last < end) {
      window.start = label.first - begin + window.context_begin;
      window.end = label.last - begin + window.context_begin;
      out.lost_label = false;
    }
    out.windows.push_back(std::move(window));
    if (end == length) return out;
  }
}

void CountExample(const QaExample& example, const ExampleWindows& made, int32_t context_length,
                  PaperWindowStatistics* counted) {
  const auto windows = static_cast<int32_t>(made.windows.size());
  counted->impossible += example.impossible;
  counted->answerable += !example.impossible && !example.answers.empty();
  counted->dropped += made.dropped;
  counted->dropped_windows += made.dropped ? windows : 0;
  counted->cut_questions += made.cut_question;
  counted->lost_labels += made.lost_label;
  counted->question_lengths.push_back(made.question_length);
  counted->context_lengths.push_back(context_length);
  counted->windows_per_example.push_back(windows);
  for (const Window& window : made.windows) {
    counted->tokens += static_cast<int64_t>(window.ids.size());
    counted->window_lengths.push_back(static_cast<int32_t>(window.ids.size()));
  }
}

}  // namespace

void PaperWindowOptions::Check() const {
  if (doc_stride < 1 || question_limit < 0) {
    throw Error(ErrorKind::kUsage, Cat("--advance ", doc_stride, " with --question-limit ", question_limit,
                                       ": allowed is 1 or more, and 0 or more"));
  }
  const int64_t capacity = int64_t{max_length} - question_limit - kSpecials;
  if (capacity < doc_stride) {
    throw Error(ErrorKind::kUsage,
                Cat("--max-length ", max_length, " with --question-limit ", question_limit, " leaves ",
                    std::max(capacity, int64_t{0}), " pieces for the context, less than --advance ",
                    doc_stride, ": pieces between two windows would be skipped"));
  }
}

std::vector<ByteRange> PaperWords(std::string_view text) {
  return CutWords(text, SplitsWords);
}

PaperContext EncodePaperContext(const Tokenizer& tokenizer, std::string_view context) {
  PaperContext encoded;
  encoded.words = PaperWords(context);
  for (const ByteRange& word : encoded.words) {
    encoded.first_piece.push_back(Count(encoded.pieces));
    const auto begin = static_cast<size_t>(word.begin), end = static_cast<size_t>(word.end);
    const Encoding pieces = tokenizer.Encode(context.substr(begin, end - begin));
    encoded.pieces.ids.insert(encoded.pieces.ids.end(), pieces.ids.begin(), pieces.ids.end());
    for (const ByteRange& range : pieces.ranges) {
      encoded.pieces.ranges.push_back({word.begin + range.begin, word.begin + range.end});
    }
  }
  encoded.first_piece.push_back(Count(encoded.pieces));
  return encoded;
}

PaperLabel FindPaperLabel(const Tokenizer& tokenizer, const std::string& context, const PaperContext& encoded,
                          const Answer& answer) {
  const int32_t first_word = WordAt(encoded, answer.begin);
  const int32_t last_word = WordAt(encoded, answer.begin + static_cast<int64_t>(answer.text.size()) - 1);
  if (first_word < 0 || last_word < first_word) return {};
  const auto first = static_cast<size_t>(first_word), last = static_cast<size_t>(last_word);
  const std::span<const ByteRange> words = std::span(encoded.words).subspan(first, last - first + 1);
  const std::string wanted = JoinWords(answer.text, CutWords(answer.text, SplitsPythonText));
  if (JoinWords(context, words).find(wanted) == std::string::npos) return {};
  const int32_t begin = encoded.first_piece[first], end = encoded.first_piece[last + 1];
  if (begin == end) return {PaperLabel::kNoPieces, 0, 0};
  const std::vector<int32_t> pieces = tokenizer.Encode(answer.text).ids;
  const auto in = encoded.pieces.ids.begin();
  const auto found = std::search(in + begin, in + end, pieces.begin(), pieces.end());
  if (pieces.empty() || found == in + end) return {PaperLabel::kFound, begin, end - 1};
  const auto start = static_cast<int32_t>(found - in);
  return {PaperLabel::kFound, start, start + static_cast<int32_t>(pieces.size()) - 1};
}

std::vector<Window> MakePaperWindows(const Tokenizer& tokenizer, const QaData& data,
                                     const PaperWindowOptions& options, int threads,
                                     PaperWindowStatistics* statistics) {
  options.Check();
  std::vector<PaperContext> contexts(data.contexts.size());
  ParallelRanges(static_cast<int64_t>(contexts.size()), 1, threads, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      contexts[i] = EncodePaperContext(tokenizer, data.contexts[i]);
    }
  });
  std::vector<ExampleWindows> made(data.examples.size());
  ParallelRanges(static_cast<int64_t>(made.size()), kGrain, threads, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      const QaExample& example = data.examples[i];
      const PaperContext& context = contexts[static_cast<size_t>(example.context)];
      made[i] = MakeExampleWindows(tokenizer, data, example, context, options);
    }
  });
  std::vector<Window> windows;
  PaperWindowStatistics counted;
  for (size_t i = 0; i < made.size(); ++i) {
    const QaExample& example = data.examples[i];
    CountExample(example, made[i], Count(contexts[static_cast<size_t>(example.context)].pieces), &counted);
    for (Window& window : made[i].windows) {
      window.example = static_cast<int32_t>(i);
      windows.push_back(std::move(window));
    }
  }
  if (statistics != nullptr) *statistics = std::move(counted);
  return windows;
}

}  // namespace bv
