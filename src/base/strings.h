// Small string tools. Nothing here knows Unicode except CodePoints, which only counts.
#pragma once

#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace bv {

// The arguments printed one after the other: Cat("layer ", 3, " of ", n).
template <typename... Args>
std::string Cat(const Args&... args) {
  std::ostringstream out;
  (out << ... << args);
  return out.str();
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator);
// The parts between separators, empty ones kept; "" gives no part.
std::vector<std::string> Split(std::string_view text, char separator);
std::string_view TrimSpaces(std::string_view text);

// 1234567 -> "1,234,567".
std::string Thousands(int64_t value);
// 1536 -> "1.5 KiB".
std::string HumanBytes(int64_t bytes);
// "20G", "1.5 TiB", "512": a number above 0 and K, M, G, T or P, by powers of 1024, with or without B or iB.
// Nothing for other texts and for more than 8 EiB.
std::optional<int64_t> ParseBytes(std::string_view text);
// 75 -> "1 min 15 s"; 0.25 -> "0.2 s".
std::string HumanSeconds(double seconds);
// printf's "%.*f".
std::string Fixed(double value, int decimals);

// The text for an error message: in quotes, controls as \xNN, cut after max_bytes at a character boundary.
std::string Quoted(std::string_view text, size_t max_bytes = 60);
// Number of Unicode code points of valid UTF-8.
int64_t CodePoints(std::string_view utf8);

// The candidates nearest to a mistyped name by edit distance, best first, for "did you mean".
std::vector<std::string> Nearest(std::string_view name, const std::vector<std::string>& candidates,
                                 size_t most = 3);

}  // namespace bv
