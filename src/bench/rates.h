// Rates from repeated timing: how often something is done within a time, which samples stand for the whole,
// and the figure that comes of it. It knows nothing of what is timed. Values and free functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace bv::bench {

// Of repeats of one measurement, in units of work a second. Nothing was measured where it is empty; the
// figures are 0 then.
struct Rates {
  std::vector<double> values;

  double median() const;
  double slowest() const;
  double fastest() const;
};

// How much is spent on a measurement, its warm-up counted.
struct Effort {
  double seconds = 0;
  int64_t repeats = 25;  // at most

  Effort Share(double share) const { return {share * seconds, repeats}; }
};

// Repeats after a warm-up of so many seconds: as many as the effort allows, 1 at least.
int64_t RepeatsWithin(double warm_up, const Effort& effort);

// Does the work once to warm up and again as often as the effort allows. work gives back its rate, so that it
// can leave parts of itself out of the timing.
Rates Measure(const Effort& effort, const std::function<double()>& work);

// Seconds of wall time that the action takes.
double SecondsOf(const std::function<void()>& action);

// `count` of the numbers 0 to n-1, rising, spread evenly with both ends (one alone: the middle); all of them
// where there are not more.
std::vector<size_t> SpreadSample(size_t n, size_t count);

}  // namespace bv::bench
