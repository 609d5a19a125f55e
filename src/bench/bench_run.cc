#include "bench/bench_run.h"

#include <algorithm>

#include "base/strings.h"
#include "base/temporary_folder.h"
#include "bench/made_windows.h"

namespace bv::bench {
namespace {

// Of the time, where both are measured.
constexpr double kEncoderShare = 0.6;
// A file's own mix gets twice the time of one length.
constexpr double kDataUnits = 2;
// Of a measurement's time, what one batch may take.
constexpr double kBatchShare = 0.2;
constexpr uint64_t kSeed = 1;
constexpr int64_t kStoreWindowsOfALength = 4;

int64_t Longest(const BenchRequest& request) {
  int64_t longest = 0;
  for (const int64_t length : request.lengths) longest = std::max(longest, length);
  if (request.data != nullptr) {
    for (const Window& window : *request.data)
      longest = std::max(longest, static_cast<int64_t>(window.ids.size()));
  }
  return longest;
}

PrecisionRates MeasurePrecision(const BenchRequest& request, Precision precision, const Effort& effort,
                                const BenchObserver& observer) {
  const BertConfig& config = request.weights->config;
  const std::string name = PrecisionName(precision);
  const double data_units = request.data == nullptr ? 0 : kDataUnits;
  const double units = 1 + static_cast<double>(request.lengths.size()) + data_units;
  const Effort unit = effort.Share(1 / units);
  PrecisionRates rates;
  rates.precision = precision;
  observer.begin(Cat(name, ", matrix products"));
  const InferenceEncoder encoder(*request.weights, precision);
  const WindowStates states(encoder, {});
  const int64_t tokens = BatchTokens(states, config, Longest(request), kBatchShare * unit.seconds);
  rates.limit = MeasureProducts(config, precision, tokens, unit);
  for (const int64_t length : request.lengths) {
    observer.begin(Cat(name, ", windows of ", length));
    rates.lengths.push_back({length, MeasureLength(states, config, length, tokens, unit)});
  }
  if (request.data != nullptr) {
    observer.begin(Cat(name, ", windows of the data"));
    rates.data = MeasureWindows(states, config, *request.data, tokens, unit.Share(data_units));
  }
  return rates;
}

// Of the usual lengths, as many of each.
std::vector<Window> MixedWindows(const BertConfig& config) {
  std::vector<Window> windows;
  for (const int64_t length : UsualLengths(config.max_positions)) {
    const auto made = MadeUpWindows(config, length, kStoreWindowsOfALength, kSeed);
    windows.insert(windows.end(), made.begin(), made.end());
  }
  return windows;
}

StoreRates MeasureStorePart(const BenchRequest& request, const Effort& effort,
                            const BenchObserver& observer) {
  const std::vector<Window> mixed =
      request.data == nullptr ? MixedWindows(request.weights->config) : std::vector<Window>();
  const InferenceEncoder encoder(*request.weights, request.precisions.back());
  const WindowStates states(encoder, {});
  observer.before_store();
  const TemporaryFolder folder(request.scratch);
  StoreWork work;
  work.windows = request.data == nullptr ? &mixed : request.data;
  work.folder = folder.path();
  work.effort = effort;
  work.stop = observer.stop;
  work.begin = [&](const std::string& part) { observer.begin(Cat("a store, ", part)); };
  return MeasureStore(states, work);
}

}  // namespace

int64_t Parts(const BenchRequest& request) {
  const auto of_precision =
      static_cast<int64_t>(1 + request.lengths.size()) + (request.data == nullptr ? 0 : 1);
  const int64_t encoder =
      request.encoder ? static_cast<int64_t>(request.precisions.size()) * of_precision : 0;
  return encoder + (request.store ? kStoreParts : 0);
}

BenchResult RunBench(const BenchRequest& request, const BenchObserver& observer) {
  const double encoder_share = !request.store ? 1 : request.encoder ? kEncoderShare : 0;
  BenchResult result;
  for (const Precision precision : request.precisions) {
    if (!request.encoder) break;
    const Effort effort =
        request.effort.Share(encoder_share / static_cast<double>(request.precisions.size()));
    result.precisions.push_back(MeasurePrecision(request, precision, effort, observer));
  }
  if (request.store)
    result.store = MeasureStorePart(request, request.effort.Share(1 - encoder_share), observer);
  return result;
}

}  // namespace bv::bench
