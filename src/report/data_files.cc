#include "report/data_files.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/strings.h"
#include "run/run_folder.h"

namespace bv {

Json ReadById(const fs::path& file) {
  Json json = ReadJsonFile(file);
  if (!json.is_object())
    throw DataError(file.string(), Cat("the top level is ", json.type_name(), ", an object is needed"));
  return json;
}

IdSet IdsOf(const Json& by_id) {
  IdSet ids;
  for (const auto& [id, value] : by_id.items()) ids.insert(id);
  return ids;
}

DataFiles::DataFiles(const std::vector<ReportSystem>& systems, const fs::path& given) {
  if (!given.empty()) paths_[Hex(HashFile(given))] = given;
  for (const ReportSystem& system : systems) {
    const auto found = FindRecorded(system.run, system.dev);
    if (system.dev_hash.empty() || paths_.contains(system.dev_hash) || !found) continue;
    if (fs::is_regular_file(*found) && Hex(HashFile(*found)) == system.dev_hash) {
      paths_[system.dev_hash] = *found;
    } else {
      changed_[system.dev_hash] = *found;
    }
  }
}

std::optional<fs::path> DataFiles::PathOf(const std::string& hash) const {
  const auto found = paths_.find(hash);
  return found == paths_.end() ? std::nullopt : std::optional(found->second);
}

std::string DataFiles::WhyNot(const ReportSystem& system) const {
  if (!fs::exists(system.folder / "predictions.json"))
    return "the run has no predictions.json: it was trained without dev data";
  if (system.dev_hash.empty()) return "the run did not record which dev data it was scored on";
  if (paths_.contains(system.dev_hash)) return "";
  const auto changed = changed_.find(system.dev_hash);
  if (changed != changed_.end())
    return Cat("the dev data ", changed->second.string(), " has changed since; --data names the original");
  return Cat("the dev data ", system.dev.empty() ? "" : system.dev.string() + " ",
             "is not found; --data names it");
}

}  // namespace bv
