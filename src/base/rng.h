// Random numbers that are the same on every machine and need no saved state: a value is a function of its
// coordinates (seed, stream, counter), so a resumed run draws what an uninterrupted one would.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace bv {

// A seed for one purpose from the user's seed: SubSeed(seed, "dropout").
uint64_t SubSeed(uint64_t seed, std::string_view purpose);
// SplitMix64's output function: a good 64-bit mix of x.
uint64_t Mix64(uint64_t x);
// Two words mixed into one.
inline uint64_t Mix64(uint64_t a, uint64_t b) {
  return Mix64(Mix64(a) ^ (b + 0x9E3779B97F4A7C15ULL));
}

// A sequential generator (SplitMix64) over its own stream. One owner; copyable, and the copy repeats it.
class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(Mix64(seed)) {}
  uint64_t Next();
  // In [0, bound), without modulo bias. bound > 0.
  uint64_t Below(uint64_t bound);
  // In [0, 1), 53 random bits.
  double Uniform();
  // Standard normal (Box-Muller).
  double Normal();
  // Normal, redrawn until within 2 standard deviations of the mean 0.
  double TruncatedNormal();

 private:
  uint64_t state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

// The numbers 0..n-1 in random order (Fisher-Yates).
std::vector<int64_t> Permutation(int64_t n, uint64_t seed);

}  // namespace bv
