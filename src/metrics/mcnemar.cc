#include "metrics/mcnemar.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

// P(X <= most) of a fair coin thrown n times. The largest term is factored out, so that nothing underflows.
double FairBinomial(int64_t most, int64_t n) {
  const auto trials = static_cast<double>(n), k = static_cast<double>(most);
  const double largest = std::lgamma(trials + 1) - std::lgamma(k + 1) - std::lgamma(trials - k + 1);
  double sum = 0, term = 1;
  for (int64_t i = most; i >= 0 && term > 0; --i) {
    sum += term;
    term *= static_cast<double>(i) / static_cast<double>(n - i + 1);
  }
  return std::exp(largest - trials * std::log(2.0)) * sum;
}

bool IsRight(double value) {
  if (value != 0 && value != 1) throw Error(ErrorKind::kInternal, Cat("neither right nor wrong: ", value));
  return value == 1;
}

}  // namespace

McNemarTest McNemar(int64_t only_first, int64_t only_second) {
  McNemarTest test;
  test.only_first = only_first;
  test.only_second = only_second;
  const int64_t n = only_first + only_second;
  if (n == 0) {
    test.chi_square = test.chi_square_p = std::numeric_limits<double>::quiet_NaN();
    return test;
  }
  test.exact_p = std::min(1.0, 2 * FairBinomial(std::min(only_first, only_second), n));
  const auto difference = static_cast<double>(std::abs(only_first - only_second));
  // The correction must not make a difference out of none.
  const double corrected = std::max(difference - 1, 0.0);
  test.chi_square = corrected * corrected / static_cast<double>(n);
  test.chi_square_p = std::erfc(std::sqrt(test.chi_square / 2));
  return test;
}

McNemarTest McNemar(std::span<const double> first, std::span<const double> second) {
  if (first.size() != second.size()) {
    throw Error(ErrorKind::kInternal,
                Cat("McNemar's test of ", first.size(), " and ", second.size(), " values"));
  }
  int64_t only_first = 0, only_second = 0;
  for (size_t i = 0; i < first.size(); ++i) {
    const bool a = IsRight(first[i]), b = IsRight(second[i]);
    only_first += a && !b;
    only_second += b && !a;
  }
  return McNemar(only_first, only_second);
}

}  // namespace bv
