#include "metrics/mcnemar.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

// P(X <= k) for X ~ Binomial(n, 1/2), summed from the largest term down.
double BinomialTail(int64_t k, int64_t n) {
  const auto total = static_cast<double>(n);
  double sum = 0;
  for (int64_t i = k; i >= 0; --i) {
    const auto count = static_cast<double>(i);
    const double term = std::exp(std::lgamma(total + 1) - std::lgamma(count + 1) -
                                 std::lgamma(total - count + 1) - total * std::log(2.0));
    sum += term;
    if (term < sum * 1e-17) break;
  }
  return sum;
}

}  // namespace

McNemar McNemarTest(int64_t only_a, int64_t only_b) {
  if (only_a < 0 || only_b < 0) {
    throw Error(ErrorKind::kInternal, Cat("McNemar's test on ", only_a, " and ", only_b, " questions"));
  }
  McNemar test = {.only_a = only_a, .only_b = only_b};
  const int64_t n = only_a + only_b;
  if (n == 0) return test;
  test.exact_p = std::min(1.0, 2 * BinomialTail(std::min(only_a, only_b), n));
  const auto off = static_cast<double>(std::max<int64_t>(std::abs(only_a - only_b) - 1, 0));
  test.chi_square = off * off / static_cast<double>(n);
  test.chi_square_p = std::erfc(std::sqrt(test.chi_square / 2));
  return test;
}

}  // namespace bv
