#include "features/windows.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr int32_t kSpecials = 3;  // [CLS], [SEP], [SEP]
constexpr int64_t kGrain = 16;    // examples a thread takes at a time

int32_t Count(const Encoding& encoding) {
  return static_cast<int32_t>(encoding.ids.size());
}

void Append(const Encoding& encoding, int32_t begin, int32_t end, uint8_t type, Window* window) {
  window->ids.insert(window->ids.end(), encoding.ids.begin() + begin, encoding.ids.begin() + end);
  window->ranges.insert(window->ranges.end(), encoding.ranges.begin() + begin, encoding.ranges.begin() + end);
  window->type_ids.resize(window->ids.size(), type);
}

void AppendSpecial(int32_t id, uint8_t type, Window* window) {
  window->ids.push_back(id);
  window->type_ids.push_back(type);
  window->ranges.push_back({});
}

Window BuildWindow(const Tokenizer& tokenizer, const Encoding& question, const Encoding& context,
                   int32_t begin, int32_t end) {
  Window window;
  const int32_t pieces = Count(question) + end - begin + kSpecials;
  const auto size = static_cast<size_t>(pieces);
  window.ids.reserve(size);
  window.type_ids.reserve(size);
  window.ranges.reserve(size);
  AppendSpecial(tokenizer.cls_id(), 0, &window);
  Append(question, 0, Count(question), 0, &window);
  AppendSpecial(tokenizer.sep_id(), 0, &window);
  window.context_begin = static_cast<int32_t>(window.ids.size());
  Append(context, begin, end, 1, &window);
  window.context_end = static_cast<int32_t>(window.ids.size());
  AppendSpecial(tokenizer.sep_id(), 1, &window);
  return window;
}

bool LabelWindow(ByteRange answer, Window* window) {
  const auto range = [window](int32_t piece) { return window->ranges[static_cast<size_t>(piece)]; };
  const int32_t first = window->context_begin, last = window->context_end - 1;
  if (first > last || range(first).begin > answer.begin || range(last).end < answer.end) return false;
  int32_t start = last, end = first;
  while (start > first && range(start).begin > answer.begin) --start;
  while (end < last && range(end).end < answer.end) ++end;
  // Pieces of one character (the letters of a Hangul syllable) share its range: take all of them.
  while (start > first && range(start - 1) == range(start)) --start;
  while (end < last && range(end + 1) == range(end)) ++end;
  window->start = start;
  window->end = end;
  return true;
}

std::vector<Encoding> EncodeContexts(const Tokenizer& tokenizer, const QaData& data, int threads) {
  std::vector<Encoding> encodings(data.contexts.size());
  ParallelRanges(static_cast<int64_t>(encodings.size()), 1, threads, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      encodings[i] = tokenizer.Encode(data.contexts[i]);
    }
  });
  return encodings;
}

// What one example gives: its windows, and what the statistics count.
struct ExampleWindows {
  std::vector<Window> windows;
  int32_t question_length = 0;
  bool lost_label = false;
};

ExampleWindows MakeExampleWindows(const Tokenizer& tokenizer, const QaExample& example,
                                  const Encoding& context, const WindowOptions& options) {
  const Encoding question = tokenizer.Encode(example.question);
  ExampleWindows out;
  out.question_length = Count(question);
  out.windows = CutWindows(tokenizer, question, context, options, example.id);
  if (!example.impossible && !example.answers.empty()) {
    const Answer& answer = example.answers.front();
    const auto begin = static_cast<int32_t>(answer.begin);
    out.lost_label = !SetLabel({begin, begin + static_cast<int32_t>(answer.text.size())}, out.windows);
  }
  return out;
}

}  // namespace

const char* WindowRuleName(WindowRule rule) {
  return rule == WindowRule::kPaper ? "paper" : "hf";
}

WindowOptions DefaultWindows(WindowRule rule) {
  WindowOptions options;
  options.rule = rule;
  if (rule == WindowRule::kPaper) options.max_length = 386;
  return options;
}

void WindowOptions::CheckPadding() const {
  if (pad_to == 0 || pad_to >= max_length) return;
  throw Error(ErrorKind::kUsage, Cat("--pad-to is ", pad_to, ", less than the ", max_length,
                                     " pieces that windows may have by --max-length"));
}

void WindowOptions::RequirePositions(int64_t positions, const std::string& model) const {
  if (length() <= positions) return;
  throw Error(ErrorKind::kUsage, Cat(pad_to > max_length ? "--pad-to " : "--max-length ", length(),
                                     " is more than the ", positions, " positions of the model ", model));
}

void WindowOptions::Check() const {
  if (doc_stride < 0) {
    throw Error(ErrorKind::kUsage, Cat("--doc-stride is ", doc_stride,
                                       ", it must be 0 or more: neighbouring "
                                       "windows would skip pieces between them"));
  }
  if (max_length - kSpecials - 1 <= doc_stride) {
    throw Error(ErrorKind::kUsage, Cat("--doc-stride ", doc_stride, " with --max-length ", max_length,
                                       ": windows would never advance; a one-piece question leaves ",
                                       std::max(max_length - kSpecials - 1, 0),
                                       " pieces for the context, and the stride must be less"));
  }
}

std::vector<Window> CutWindows(const Tokenizer& tokenizer, const Encoding& question, const Encoding& context,
                               const WindowOptions& options, const std::string& name) {
  const int32_t capacity = options.max_length - Count(question) - kSpecials;
  const int32_t length = Count(context);
  if (length > capacity && capacity <= 0) {
    throw Error(ErrorKind::kData,
                Cat("example ", Quoted(name), ": its question has ", Count(question),
                    " pieces, with --max-length ", options.max_length,
                    " no room is left for the context; allowed are ", options.max_length - kSpecials - 1));
  }
  if (length > capacity && options.doc_stride >= capacity) {
    throw Error(
        ErrorKind::kData,
        Cat("example ", Quoted(name), ": its question has ", Count(question), " pieces and leaves ", capacity,
            " for the context, with --doc-stride ", options.doc_stride,
            " windows would never advance; lower the stride or raise --max-length ", options.max_length));
  }
  std::vector<Window> windows;
  for (int32_t begin = 0;; begin += capacity - options.doc_stride) {
    const int32_t end = std::min(begin + capacity, length);
    windows.push_back(BuildWindow(tokenizer, question, context, begin, end));
    if (end == length) return windows;
  }
}

bool SetLabel(ByteRange answer, std::span<Window> windows) {
  bool found = false;
  for (Window& window : windows) found |= LabelWindow(answer, &window);
  return found;
}

std::vector<Window> MakeWindows(const Tokenizer& tokenizer, const QaData& data, const WindowOptions& options,
                                int threads, WindowStatistics* statistics) {
  options.Check();
  const std::vector<Encoding> contexts = EncodeContexts(tokenizer, data, threads);
  std::vector<ExampleWindows> made(data.examples.size());
  ParallelRanges(static_cast<int64_t>(made.size()), kGrain, threads, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      const QaExample& example = data.examples[i];
      made[i] =
          MakeExampleWindows(tokenizer, example, contexts[static_cast<size_t>(example.context)], options);
    }
  });
  std::vector<Window> windows;
  WindowStatistics counted;
  for (size_t i = 0; i < made.size(); ++i) {
    const QaExample& example = data.examples[i];
    counted.impossible += example.impossible;
    counted.answerable += !example.impossible && !example.answers.empty();
    counted.lost_labels += made[i].lost_label;
    counted.question_lengths.push_back(made[i].question_length);
    counted.context_lengths.push_back(Count(contexts[static_cast<size_t>(example.context)]));
    counted.windows_per_example.push_back(static_cast<int32_t>(made[i].windows.size()));
    for (Window& window : made[i].windows) {
      window.example = static_cast<int32_t>(i);
      counted.tokens += static_cast<int64_t>(window.ids.size());
      counted.window_lengths.push_back(static_cast<int32_t>(window.ids.size()));
      windows.push_back(std::move(window));
    }
  }
  if (statistics != nullptr) *statistics = std::move(counted);
  return windows;
}

void PadWindows(int32_t pad_id, int32_t length, std::vector<Window>* windows) {
  const auto size = static_cast<size_t>(length);
  for (Window& window : *windows) {
    if (window.ids.size() > size) {
      throw Error(ErrorKind::kInternal,
                  Cat("a window of ", window.ids.size(), " pieces cannot be filled up to ", length));
    }
    window.padding = length - static_cast<int32_t>(window.ids.size());
    window.ids.resize(size, pad_id);
    window.type_ids.resize(size, 0);
    window.ranges.resize(size);
  }
}

int32_t Percentile(std::vector<int32_t> values, double percent) {
  if (values.empty()) return 0;
  const double rank = std::ceil(percent / 100 * static_cast<double>(values.size()));
  const auto place = std::clamp<size_t>(static_cast<size_t>(std::max(rank, 1.0)), 1, values.size()) - 1;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(place), values.end());
  return values[place];
}

}  // namespace bv
