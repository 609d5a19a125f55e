#include "run/results.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/strings.h"

namespace bv {
namespace {

OrderedJson ToJson(const Metrics& metrics) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [name, value] : metrics) {
    const bool whole = std::trunc(value) == value && std::abs(value) < 9e15;
    if (!std::isfinite(value)) {
      json[name] = nullptr;
    } else if (whole) {
      json[name] = static_cast<int64_t>(value);
    } else {
      json[name] = value;
    }
  }
  return json;
}

}  // namespace

void WriteResults(const fs::path& folder, const std::string& split, const Metrics& metrics) {
  Metrics named = metrics;
  for (auto& [name, value] : named) {
    if (!name.starts_with(split + "_")) name.insert(0, split + "_");
  }
  WriteJsonFile(folder / (split + "_results.json"), ToJson(named));
  const fs::path all_file = folder / "all_results.json";
  Metrics all = fs::exists(all_file) ? ReadResults(all_file) : Metrics();
  std::erase_if(all, [&](const auto& entry) { return entry.first.starts_with(split + "_"); });
  all.insert(all.end(), named.begin(), named.end());
  WriteJsonFile(all_file, ToJson(all));
}

Metrics ReadResults(const fs::path& file) {
  const Json json = ReadJsonFile(file);
  if (!json.is_object())
    throw DataError(file.string(), Cat("is ", json.type_name(), ", an object is needed"));
  Metrics metrics;
  for (const auto& [name, value] : json.items()) {
    if (!value.is_number() && !value.is_null()) {
      throw DataError(file.string(), Cat(Quoted(name), " is ", value.type_name(), ", a number is needed"));
    }
    metrics.emplace_back(name,
                         value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>());
  }
  return metrics;
}

std::optional<double> FindMetric(const Metrics& metrics, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    for (const auto& [key, value] : metrics) {
      if (key != name) continue;
      return std::isfinite(value) ? std::optional(value) : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace bv
