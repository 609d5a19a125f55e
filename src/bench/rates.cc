#include "bench/rates.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace bv::bench {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

double Rates::median() const {
  if (values.empty()) return 0;
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Rates::slowest() const {
  return values.empty() ? 0 : *std::min_element(values.begin(), values.end());
}

double Rates::fastest() const {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

int64_t RepeatsWithin(double warm_up, const Effort& effort) {
  const double left = effort.seconds - warm_up;
  if (left <= warm_up) return 1;
  if (left >= warm_up * static_cast<double>(effort.repeats)) return effort.repeats;
  return static_cast<int64_t>(left / warm_up);
}

Rates Measure(const Effort& effort, const std::function<double()>& work) {
  const int64_t repeats = RepeatsWithin(SecondsOf([&] { work(); }), effort);
  Rates rates;
  for (int64_t i = 0; i < repeats; ++i) rates.values.push_back(work());
  return rates;
}

double SecondsOf(const std::function<void()>& action) {
  const auto begin = Clock::now();
  action();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::vector<size_t> SpreadSample(size_t n, size_t count) {
  std::vector<size_t> sample;
  if (count >= n) {
    sample.resize(n);
    std::iota(sample.begin(), sample.end(), size_t{0});
  } else if (count == 1) {
    sample.push_back(n / 2);
  } else {
    for (size_t i = 0; i < count; ++i) sample.push_back(i * (n - 1) / (count - 1));
  }
  return sample;
}

}  // namespace bv::bench
