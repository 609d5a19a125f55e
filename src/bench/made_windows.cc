#include "bench/made_windows.h"

#include "base/error.h"
#include "base/rng.h"
#include "base/strings.h"

namespace bv::bench {

std::vector<int64_t> UsualLengths(int64_t positions) {
  if (positions < kShortestWindow)
    throw Error(ErrorKind::kUnsupported, Cat("the model has ", positions, " positions; windows have ",
                                             kShortestWindow, " pieces at least"));
  std::vector<int64_t> lengths;
  for (const int64_t length : {32, 128, 384}) {
    if (length <= positions) lengths.push_back(length);
  }
  if (lengths.empty()) lengths.push_back(positions);
  return lengths;
}

std::vector<Window> MadeUpWindows(const BertConfig& config, int64_t length, int64_t count, uint64_t seed) {
  Rng random(seed);
  std::vector<Window> windows(static_cast<size_t>(count));
  const auto pieces = static_cast<size_t>(length), question = pieces / 2;
  for (Window& window : windows) {
    for (size_t piece = 0; piece < pieces; ++piece) {
      window.ids.push_back(static_cast<int32_t>(random.Below(static_cast<uint64_t>(config.vocab_size))));
      window.type_ids.push_back(piece >= question && config.type_vocab_size > 1 ? 1 : 0);
    }
    window.ranges.resize(pieces);
    window.context_begin = static_cast<int32_t>(question);
    window.context_end = static_cast<int32_t>(pieces - 1);
    const auto context = static_cast<uint64_t>(window.context_end - window.context_begin);
    window.start = window.context_begin + static_cast<int32_t>(random.Below(context));
    window.end = window.start;
  }
  return windows;
}

}  // namespace bv::bench
