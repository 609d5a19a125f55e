// McNemar's test: whether two systems that answered the same examples differ in how many they get right. Only
// examples that one of them alone gets right tell. Like the bootstrap it treats examples as independent. Pure
// functions: safe from any thread.
#pragma once

#include <cstdint>
#include <span>

namespace bv {

struct McNemarTest {
  int64_t only_first = 0;   // right in the first system alone
  int64_t only_second = 0;  // right in the second alone
  double exact_p = 1;       // two-sided binomial test; 1 where the systems never differ
  double chi_square = 0;    // with continuity correction, one degree of freedom; NaN where they never differ
  double chi_square_p = 1;  // for 25 differing examples and more; NaN likewise
};

McNemarTest McNemar(int64_t only_first, int64_t only_second);

// From 1 (right) and 0 (wrong) per example. Errors (kInternal): columns of different lengths, other values.
McNemarTest McNemar(std::span<const double> first, std::span<const double> second);

}  // namespace bv
