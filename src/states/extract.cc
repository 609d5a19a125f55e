#include "states/extract.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <future>

#include "base/error.h"

namespace bv {

StoreBatch MakeStoreBatch(const TaskWindows& windows, const std::vector<int64_t>& numbers,
                          const WindowStates::Result& computed) {
  const auto count = static_cast<int64_t>(numbers.size());
  const int64_t tokens = computed.states.size(0);
  const auto* offsets = computed.tokens.offsets.const_data_ptr<int64_t>();
  StoreBatch batch = {.states = computed.states,
                      .offsets = computed.tokens.offsets,
                      .input_ids = computed.tokens.ids.to(at::kInt),
                      .token_type_ids = computed.tokens.type_ids.to(at::kByte),
                      .ranges = at::empty({tokens, 2}, at::kInt),
                      .window = at::empty({count}, at::kInt),
                      .example = at::empty({count}, at::kInt),
                      .labels = at::empty({count, 2}, at::kInt),
                      .target = {},
                      .context = at::empty({count, 2}, at::kInt)};
  auto* ranges = batch.ranges.mutable_data_ptr<int32_t>();
  for (int64_t i = 0; i < count; ++i) {
    const Window& window = windows.windows[static_cast<size_t>(numbers[static_cast<size_t>(i)])];
    const auto kept = static_cast<size_t>(offsets[i + 1] - offsets[i]);
    for (size_t piece = 0; piece < kept; ++piece) {
      *ranges++ = window.ranges[piece].begin;
      *ranges++ = window.ranges[piece].end;
    }
    batch.window.mutable_data_ptr<int32_t>()[i] = static_cast<int32_t>(numbers[static_cast<size_t>(i)]);
    batch.example.mutable_data_ptr<int32_t>()[i] = window.example;
    const bool whole = kept == window.ids.size();  // else [CLS] alone, with nothing to point at
    batch.labels.mutable_data_ptr<int32_t>()[2 * i] = whole ? window.start : 0;
    batch.labels.mutable_data_ptr<int32_t>()[2 * i + 1] = whole ? window.end : 0;
    batch.context.mutable_data_ptr<int32_t>()[2 * i] = whole ? window.context_begin : 0;
    batch.context.mutable_data_ptr<int32_t>()[2 * i + 1] = whole ? window.context_end : 0;
  }
  if (!windows.targets.empty()) {
    batch.target = at::empty({count}, at::kFloat);
    float* target = batch.target.mutable_data_ptr<float>();
    for (const int64_t number : numbers) *target++ = windows.targets[static_cast<size_t>(number)];
  }
  return batch;
}

void Extract(const WindowStates& states, const TaskWindows& windows, int64_t max_tokens, StoreWriter* writer,
             const std::function<bool(const ExtractProgress&)>& report) {
  if (writer->complete()) return;
  ExtractProgress progress;
  // One batch is written while the next is computed. The writer's thread is the only one that adds.
  std::future<void> writing;
  const auto wait = [&] {
    if (writing.valid()) writing.get();
  };
  for (const auto& numbers : BatchesAtRandom(windows.windows, max_tokens)) {
    progress.windows += static_cast<int64_t>(numbers.size());
    // A batch that a killed run had written in part is computed again whole, so that the states of its
    // windows come out of the same products.
    const bool missing =
        std::any_of(numbers.begin(), numbers.end(), [&](int64_t number) { return !writer->Has(number); });
    if (missing) {
      std::vector<const Window*> chosen;
      chosen.reserve(numbers.size());
      for (const int64_t number : numbers) chosen.push_back(&windows.windows[static_cast<size_t>(number)]);
      const auto computed = states.Compute(chosen);
      progress.tokens += computed.states.size(0);
      wait();
      writing = std::async(std::launch::async, [writer, batch = MakeStoreBatch(windows, numbers, computed)] {
        writer->Add(batch);
      });
    }
    if (!report(progress)) {
      wait();
      throw Error(ErrorKind::kInterrupted,
                  "stopped; the finished shards are kept, and the same command goes on from them");
    }
  }
  wait();
  writer->Finish();
}

}  // namespace bv
