#include "bench/store_rates.h"

#include <algorithm>

#include "base/error.h"
#include "heads/registry.h"
#include "states/extract.h"
#include "states/store_source.h"
#include "store/store_reader.h"
#include "store/store_writer.h"
#include "train/head_fit.h"
#include "train/head_recipes.h"
#include "train/head_trainer.h"

namespace bv::bench {
namespace {

// States that are computed once and written again and again.
constexpr int64_t kComputedTokens = 2048;
constexpr double kBytesPerSecond = 16 << 20;
constexpr int64_t kFewestWindows = 32, kMostWindows = 4096;
constexpr uint64_t kSeed = 1;
// Shares of the time.
constexpr double kWriting = 0.4, kReading = 0.2, kTraining = 0.4;

double Real(int64_t value) {
  return static_cast<double>(value);
}

void StopIf(const StoreWork& work) {
  if (work.stop && work.stop()) throw Error(ErrorKind::kInterrupted, "stopped; nothing is left of it");
}

// About kComputedTokens of the windows, spread over all, in their order.
std::vector<Window> Sample(const std::vector<Window>& windows) {
  int64_t tokens = 0;
  for (const Window& window : windows) tokens += static_cast<int64_t>(window.ids.size());
  const double share = Real(kComputedTokens) / Real(std::max<int64_t>(1, tokens));
  const auto wanted = static_cast<size_t>(share * Real(static_cast<int64_t>(windows.size())));
  std::vector<Window> sample;
  for (const size_t number : SpreadSample(windows.size(), std::max<size_t>(1, wanted))) {
    sample.push_back(windows[number]);
    sample.back().example = 0;
  }
  return sample;
}

// A store whose windows are the same few again and again: their states are computed once.
class RepeatedStore {
 public:
  RepeatedStore(const WindowStates& states, const StoreWork& work) : work_(work) {
    const std::vector<Window> sample = Sample(*work.windows);
    std::vector<const Window*> chosen;
    chosen.reserve(sample.size());
    for (const Window& window : sample) chosen.push_back(&window);
    computed_ = states.Compute(chosen);
    group_ = static_cast<int64_t>(sample.size());
    info_ = Info(states, group_, computed_.tokens.ids.size(0));
    const int64_t window_bytes = std::max<int64_t>(1, ForecastBytes(info_) / group_);
    const int64_t windows = StoreWindows(window_bytes, work.effort.seconds, FreeDiskBytes(work.folder));
    const int64_t groups = (windows + group_ - 1) / group_;
    for (int64_t i = 0; i < groups; ++i)
      windows_.windows.insert(windows_.windows.end(), sample.begin(), sample.end());
    info_.windows *= groups;
    info_.tokens *= groups;
    QaExample example;
    example.id = "0";
    example_.questions.contexts = {""};
    example_.questions.examples = {example};
  }

  const StoreInfo& info() const { return info_; }
  fs::path folder() const { return work_.folder / "store"; }

  // Anew; bytes a second.
  double Write() {
    fs::remove_all(folder());
    const double seconds = SecondsOf([&] {
      StoreWriter writer(folder(), info_, example_);
      for (int64_t first = 0; first < info_.windows; first += group_) {
        std::vector<int64_t> numbers;
        for (int64_t i = 0; i < group_; ++i) numbers.push_back(first + i);
        writer.Add(MakeStoreBatch(windows_, numbers, computed_));
        StopIf(work_);
      }
      writer.Finish();
      bytes_ = writer.index().bytes();
    });
    return Real(bytes_) / seconds;
  }
  int64_t bytes() const { return bytes_; }

 private:
  static StoreInfo Info(const WindowStates& states, int64_t windows, int64_t tokens) {
    StoreInfo info;
    const std::string nobody(16, '0');
    info.backbone = "bench";
    info.backbone_fingerprint = info.tokenizer_fingerprint = info.data_hash = nobody;
    info.precision = "fp32";
    info.data = "made up";
    info.layers = states.layers();
    info.hidden = states.hidden();
    info.windows = windows;
    info.tokens = tokens;
    return info;
  }

  const StoreWork& work_;
  WindowStates::Result computed_;
  int64_t group_ = 0;  // windows that are computed
  StoreInfo info_;
  TaskWindows windows_;
  TaskExamples example_;
  int64_t bytes_ = 0;
};

HeadTrainOptions Recipe(int64_t hidden) {
  HeadTrainOptions recipe = HeadRecipeDefaults(HeadRecipe::kSpans, Task{}, hidden);
  recipe.epochs = 1;
  return recipe;
}

double ReadEpoch(StoreSource* source, int64_t bytes, const StoreWork& work) {
  const double seconds = SecondsOf([&] {
    source->StartEpoch({.batch_size = Recipe(source->hidden()).batch_size, .shuffle = true, .seed = kSeed});
    StateBatch batch;
    while (source->Next(&batch)) StopIf(work);
  });
  return Real(bytes) / seconds;
}

double TrainEpoch(StoreSource* source, const StoreWork& work) {
  const BackboneDims dims{.layers = source->layers(), .hidden = source->hidden()};
  const auto head = BuildHead(kBenchHead, dims, kSeed);
  HeadTrainer trainer(source, {head.get()}, Recipe(dims.hidden));
  HeadTrainCallbacks callbacks;
  callbacks.on_step = [&](const HeadTrainProgress&) {
    StopIf(work);
    return true;
  };
  const double seconds = SecondsOf([&] { trainer.Run(callbacks); });
  return Real(source->windows()) / seconds;
}

int64_t Longest(const std::vector<Window>& windows) {
  size_t longest = 0;
  for (const Window& window : windows) longest = std::max(longest, window.ids.size());
  return static_cast<int64_t>(longest);
}

}  // namespace

int64_t StoreWindows(int64_t window_bytes, double seconds, int64_t free_bytes) {
  const double bytes = std::min(kBytesPerSecond * seconds, Real(free_bytes) / 4);
  const double windows = bytes / Real(window_bytes);
  return static_cast<int64_t>(std::clamp(windows, Real(kFewestWindows), Real(kMostWindows)));
}

StoreRates MeasureStore(const WindowStates& states, const StoreWork& work) {
  const auto begin = [&](const char* part) {
    if (work.begin) work.begin(part);
  };
  begin("writing");
  RepeatedStore store(states, work);
  StoreRates rates;
  rates.windows = store.info().windows;
  rates.tokens = store.info().tokens;
  rates.write = Measure(work.effort.Share(kWriting), [&] { return store.Write(); });
  rates.bytes = store.bytes();
  begin("reading");
  const StoreReader reader(store.folder());
  StoreSource source(reader);
  rates.read = Measure(work.effort.Share(kReading), [&] { return ReadEpoch(&source, rates.bytes, work); });
  begin("training");
  const BackboneDims dims{.layers = source.layers(), .hidden = source.hidden()};
  RequireMemory(
      {{kBenchHead}, dims, BatchOf(source, Recipe(dims.hidden).batch_size, Longest(*work.windows))});
  rates.train = Measure(work.effort.Share(kTraining), [&] { return TrainEpoch(&source, work); });
  return rates;
}

double ExtractionSeconds(int64_t tokens, double tokens_per_second, int64_t bytes, double bytes_per_second) {
  const double computing = tokens_per_second > 0 ? Real(tokens) / tokens_per_second : 0;
  const double writing = bytes_per_second > 0 ? Real(bytes) / bytes_per_second : 0;
  return std::max(computing, writing);
}

}  // namespace bv::bench
