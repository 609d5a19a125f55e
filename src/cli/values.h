// Strict reading of option values: the whole text must be the value, and it must lie in its bounds. `where`
// names the option or the file and key in errors (kUsage).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bv::cli {

// Decimal digits with an optional minus.
int64_t ParseInteger(std::string_view text, int64_t low, int64_t high, const std::string& where);
// Decimal, with an optional exponent; NaN and infinity are refused.
double ParseNumber(std::string_view text, double low, double high, const std::string& where);
bool ParseBool(std::string_view text, const std::string& where);
const std::string& ParseChoice(const std::string& text, const std::vector<std::string>& allowed,
                               const std::string& where);

// "1 to 4096", "at least 1", "any": the bounds in words, for help and errors.
std::string IntegerBounds(int64_t low, int64_t high);
std::string NumberBounds(double low, double high);
// The shortest decimal text that reads back as the same double.
std::string ShortestNumber(double value);

}  // namespace bv::cli
