// Scores of a run in the files that Hugging Face tools write and read: <split>_results.json and
// all_results.json.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bv {

// In the order to be written. A value that is not finite is written as null.
using Metrics = std::vector<std::pair<std::string, double>>;

// Writes <split>_results.json with every name prefixed "<split>_" (names that have the prefix keep it), and
// replaces or adds the same keys in all_results.json. Example: WriteResults(run, "eval", {{"f1", 88.1}}).
void WriteResults(const std::filesystem::path& folder, const std::string& split, const Metrics& metrics);

// One of those files; null reads as NaN. Errors: kData for a value that is no number.
Metrics ReadResults(const std::filesystem::path& file);

// The first of the names that the metrics hold (SQuAD 1.1 and 2.0 call the same thing by two names); NaN as
// nothing.
std::optional<double> FindMetric(const Metrics& metrics, std::initializer_list<const char*> names);

}  // namespace bv
