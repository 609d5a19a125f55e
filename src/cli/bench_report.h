// What `bench` measured, as text for people and as JSON for machines, with the forecast for a data file.
// Nothing is measured here. Pure functions, but for what they ask of this machine (device/machine.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"
#include "bench/bench_run.h"
#include "bert/config.h"
#include "store/store_index.h"

namespace bv::cli {

// How states are kept where the user of extract does not say.
constexpr Codec kForecastCodec = Codec::kBf16;

// The file that extraction and training are forecast for.
struct BenchedData {
  std::string file;
  int64_t windows = 0, tokens = 0;
  int64_t bytes = 0;       // of a store of their states in kForecastCodec
  double cut_seconds = 0;  // that its windows took, from the texts to the pieces
};

struct BenchSubject {
  std::string model;  // as given
  BertConfig config;
  int threads = 1;
  std::optional<BenchedData> data;
};

std::string BenchText(const BenchSubject& subject, const bench::BenchResult& result);
// Keys: docs/benchmarks.md. Parts that were not measured have none.
OrderedJson BenchJson(const BenchSubject& subject, const bench::BenchResult& result);

}  // namespace bv::cli
