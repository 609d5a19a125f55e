#include "cli/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/error.h"
#include "base/strings.h"

namespace bv::cli {
namespace {

template <typename Value>
std::string Bounds(Value low, Value high, Value lowest, Value highest, const std::string& low_text,
                   const std::string& high_text) {
  if (low != lowest && high != highest) return low_text + " to " + high_text;
  if (low != lowest) return "at least " + low_text;
  if (high != highest) return "at most " + high_text;
  return "any";
}

Error Refused(const std::string& where, std::string_view found, const char* wanted,
              const std::string& bounds) {
  return {ErrorKind::kUsage, Cat(where, " is ", Quoted(found), ", ", wanted, " is needed",
                                 bounds == "any" ? "" : ": " + bounds)};
}

template <typename Value>
bool ParseWhole(std::string_view text, Value* value) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return code == std::errc() && end == text.data() + text.size();
}

}  // namespace

int64_t ParseInteger(std::string_view text, int64_t low, int64_t high, const std::string& where) {
  int64_t value = 0;
  if (!ParseWhole(text, &value) || value < low || value > high) {
    throw Refused(where, text, "a whole number", IntegerBounds(low, high));
  }
  return value;
}

double ParseNumber(std::string_view text, double low, double high, const std::string& where) {
  double value = 0;
  if (!ParseWhole(text, &value) || !std::isfinite(value) || value < low || value > high) {
    throw Refused(where, text, "a number", NumberBounds(low, high));
  }
  return value;
}

bool ParseBool(std::string_view text, const std::string& where) {
  if (text == "true") return true;
  if (text == "false") return false;
  throw Refused(where, text, "true or false", "any");
}

const std::string& ParseChoice(const std::string& text, const std::vector<std::string>& allowed,
                               const std::string& where) {
  if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
    throw Error(ErrorKind::kUsage,
                Cat(where, " is ", Quoted(text), ", one of these is needed: ", Join(allowed, ", ")));
  }
  return text;
}

std::string IntegerBounds(int64_t low, int64_t high) {
  using Limits = std::numeric_limits<int64_t>;
  return Bounds(low, high, Limits::min(), Limits::max(), std::to_string(low), std::to_string(high));
}

std::string NumberBounds(double low, double high) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return Bounds(low, high, -kInfinity, kInfinity, ShortestNumber(low), ShortestNumber(high));
}

std::string ShortestNumber(double value) {
  // printf's %g reads better than std::to_chars: 0.0001, not 1e-04.
  std::array<char, 32> buffer{};
  for (int digits = 6; digits <= std::numeric_limits<double>::max_digits10; ++digits) {
    std::snprintf(buffer.data(), buffer.size(), "%.*g", digits, value);
    double back = 0;
    if (ParseWhole(std::string_view(buffer.data()), &back) && back == value) break;
  }
  return buffer.data();
}

}  // namespace bv::cli
