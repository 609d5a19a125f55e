// All measurements of `bench` in their order, with the time shared out among them, and what comes of them as
// one plain value. Prints nothing: an observer is told what begins. One run at a time in a process.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "bench/encoder_rates.h"
#include "bench/store_rates.h"
#include "bert/weights.h"
#include "features/windows.h"
#include "kernels/kernels.h"

namespace bv::bench {

struct BenchRequest {
  const BertWeights* weights = nullptr;
  std::vector<Precision> precisions;          // at least one; the store is written from the last one's states
  std::vector<int64_t> lengths;               // of made-up windows, in pieces; none: not measured
  const std::vector<Window>* data = nullptr;  // windows of a file, at least one; null: not measured
  bool encoder = true;                        // lengths and data
  bool store = true;                          // writing, reading, training a head
  fs::path scratch;  // where a folder for the store is made; empty: the system's place
  Effort effort;     // on all of it
};

struct PrecisionRates {
  struct OfLength {
    int64_t length = 0;
    EncoderRate rate;
  };
  Precision precision = Precision::kFp32;
  ProductLimit limit;
  std::vector<OfLength> lengths;
  std::optional<EncoderRate> data;
};

struct BenchResult {
  std::vector<PrecisionRates> precisions;
  std::optional<StoreRates> store;
};

struct BenchObserver {
  std::function<void(const std::string& part)> begin;  // called Parts() times
  std::function<void()> before_store;                  // right before the folder for the store is made
  std::function<bool()> stop;                          // polled while the store is measured
};

// How many parts a run has.
int64_t Parts(const BenchRequest& request);

// The store's folder is gone when it ends, whatever end it comes to. Errors: those of MeasureStore and
// TemporaryFolder; kData for windows that the encoder refuses.
BenchResult RunBench(const BenchRequest& request, const BenchObserver& observer);

}  // namespace bv::bench
