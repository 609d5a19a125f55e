#include "features/text_windows.h"

#include <algorithm>

#include "base/error.h"
#include "base/parallel.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr int64_t kGrain = 64;  // examples a thread takes at a time

// [CLS] and a [SEP] behind each text.
int32_t Specials(bool pair) {
  return pair ? 3 : 2;
}

int32_t Count(const Encoding& encoding) {
  return static_cast<int32_t>(encoding.ids.size());
}

void AppendSpecial(int32_t id, uint8_t type, Window* window) {
  window->ids.push_back(id);
  window->ranges.push_back({});
  window->type_ids.push_back(type);
}

// The first `count` pieces and a [SEP].
void AppendText(const Tokenizer& tokenizer, const Encoding& text, int32_t count, uint8_t type,
                Window* window) {
  window->ids.insert(window->ids.end(), text.ids.begin(), text.ids.begin() + count);
  window->ranges.insert(window->ranges.end(), text.ranges.begin(), text.ranges.begin() + count);
  window->type_ids.resize(window->ids.size(), type);
  AppendSpecial(tokenizer.sep_id(), type, window);
}

}  // namespace

void TextWindowOptions::Check(bool pair) const {
  if (max_length > Specials(pair)) return;
  throw Error(ErrorKind::kUsage,
              Cat("--max-length is ", max_length, ", at least ", Specials(pair) + 1,
                  " are needed: ", Specials(pair), " pieces of every window are [CLS] and [SEP]"));
}

PairLengths CutLongestFirst(int32_t a, int32_t b, int32_t room) {
  if (a + b <= room) return {a, b};
  const int32_t half = room / 2;
  const int32_t shorter = std::min(a, b);
  const int32_t kept = std::min(shorter, half);
  return a > b ? PairLengths{room - kept, kept} : PairLengths{kept, room - kept};
}

Window MakeTextWindow(const Tokenizer& tokenizer, const Encoding& a, const Encoding* b,
                      const TextWindowOptions& options) {
  const int32_t room = options.max_length - Specials(b != nullptr);
  const PairLengths kept = CutLongestFirst(Count(a), b == nullptr ? 0 : Count(*b), room);
  Window window;
  const int32_t pieces = kept.a + kept.b + Specials(b != nullptr);
  const auto size = static_cast<size_t>(pieces);
  window.ids.reserve(size);
  window.ranges.reserve(size);
  window.type_ids.reserve(size);
  AppendSpecial(tokenizer.cls_id(), 0, &window);
  AppendText(tokenizer, a, kept.a, 0, &window);
  if (b != nullptr) {
    window.context_begin = static_cast<int32_t>(window.ids.size());
    window.context_end = window.context_begin + kept.b;
    AppendText(tokenizer, *b, kept.b, 1, &window);
  }
  return window;
}

std::vector<Window> MakeTextWindows(const Tokenizer& tokenizer, const TextData& data,
                                    const TextWindowOptions& options, int threads,
                                    TextWindowStatistics* statistics) {
  options.Check(data.pair);
  std::vector<Window> windows(data.examples.size());
  TextWindowStatistics counted;
  counted.a_lengths.resize(windows.size());
  if (data.pair) counted.b_lengths.resize(windows.size());
  counted.uncut_lengths.resize(windows.size());
  ParallelRanges(static_cast<int64_t>(windows.size()), kGrain, threads, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      const TextExample& example = data.examples[i];
      const Encoding a = tokenizer.Encode(example.text_a);
      const Encoding b = data.pair ? tokenizer.Encode(example.text_b) : Encoding();
      windows[i] = MakeTextWindow(tokenizer, a, data.pair ? &b : nullptr, options);
      windows[i].example = static_cast<int32_t>(i);
      counted.a_lengths[i] = Count(a);
      if (data.pair) counted.b_lengths[i] = Count(b);
      counted.uncut_lengths[i] = Count(a) + Count(b) + Specials(data.pair);
    }
  });
  if (statistics == nullptr) return windows;
  for (size_t i = 0; i < windows.size(); ++i) {
    const auto pieces = static_cast<int32_t>(windows[i].ids.size());
    counted.tokens += pieces;
    counted.cut += pieces < counted.uncut_lengths[i];
  }
  *statistics = std::move(counted);
  return windows;
}

}  // namespace bv
