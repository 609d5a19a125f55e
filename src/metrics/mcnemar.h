// McNemar's test: do two systems that answered the same questions differ, judged by the questions that only
// one of them answered right? Pure functions: safe from any thread.
#pragma once

#include <cstdint>

namespace bv {

struct McNemar {
  int64_t only_a = 0;  // questions that only the first system answered right
  int64_t only_b = 0;
  double exact_p = 1;     // two-sided, from the binomial distribution: right for any number of questions
  double chi_square = 0;  // (|a - b| - 1)^2 / (a + b), with Edwards' correction
  double chi_square_p = 1;
};

// Errors (kInternal): negative counts.
McNemar McNemarTest(int64_t only_a, int64_t only_b);

}  // namespace bv
