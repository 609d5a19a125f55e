#include "fetch/catalog.h"

#include <algorithm>

#include "base/error.h"
#include "base/hub_cache.h"
#include "base/json.h"
#include "base/strings.h"
#include "fetch/content_hash.h"
#include "fetch/homes.h"
#include "fetch/url.h"

namespace bv::fetch {
namespace {

constexpr int64_t kMostBytes = int64_t{1} << 50;

// A plain file name: it becomes one in the cache.
void CheckFileName(const std::string& name, const std::string& file, const std::string& where) {
  if (!ValidRevision(name) || name.find('/') != name.npos || name.starts_with('.')) {
    throw DataError(file, Cat("'", where, "' names the file ", Quoted(name),
                              ", a plain name of letters, digits, '-', '_' and '.' is needed"));
  }
}

DataSource ReadSource(const Json& json, const std::string& file, const std::string& where) {
  DataSource source;
  source.url = RequireString(json, "url", file, where);
  CheckEndpoint(source.url, Cat(file, ": '", where, ".url'"));
  source.bytes = RequireInteger(json, "bytes", 0, kMostBytes, file, where);
  const std::string& hash = RequireString(json, "sha256", file, where);
  const auto parsed = ParseEtag(hash);
  if (!parsed || parsed->hex != hash || parsed->kind != HashKind::kSha256)
    throw DataError(file, Cat("'", where, ".sha256' is ", Quoted(hash), ", 64 digits 0-9a-f are needed"));
  source.sha256 = hash;
  if (json.contains("name") == json.contains("members"))
    throw DataError(file, Cat("'", where, "' needs either 'name' (a file) or 'members' (a zip archive)"));
  if (json.contains("name")) {
    source.files.emplace_back(RequireString(json, "name", file, where), "");
  } else {
    const Json& members = RequireObject(json, "members", file, where);
    for (const auto& [name, path] : members.items())
      source.files.emplace_back(name, RequireString(members, name.c_str(), file, where + ".members"));
  }
  const bool no_path = std::any_of(source.files.begin(), source.files.end(), [&](const auto& entry) {
    return json.contains("members") && entry.second.empty();
  });
  if (source.files.empty() || no_path)
    throw DataError(file, Cat("'", where, ".members' is empty or holds an empty path"));
  for (const auto& [name, path] : source.files) CheckFileName(name, file, where);
  return source;
}

DataSet ReadSet(const std::string& name, const Json& json, const std::string& file) {
  const auto hub = ParseHubName(name);
  if (!hub || hub->name != name || name.find('/') != name.npos)
    throw DataError(
        file, Cat("the data set's name ", Quoted(name), " is not one of letters, digits, '-', '_' and '.'"));
  DataSet set{.name = name, .about = "", .sources = {}};
  if (json.is_object() && json.contains("about")) set.about = RequireString(json, "about", file, name);
  const Json& sources = RequireArray(json, "sources", file, name);
  for (size_t i = 0; i < sources.size(); ++i)
    set.sources.push_back(ReadSource(sources[i], file, Cat(name, ".sources[", i, "]")));
  std::vector<std::string> names = set.Files();
  std::sort(names.begin(), names.end());
  if (names.empty()) throw DataError(file, Cat("'", name, ".sources' is empty"));
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
    throw DataError(file, Cat("'", name, "' has two files named ", Quoted(*twice)));
  return set;
}

}  // namespace

std::vector<std::string> DataSet::Files() const {
  if (derive != nullptr) return derived;
  std::vector<std::string> names;
  for (const DataSource& source : sources) {
    for (const auto& [file, path] : source.files) names.push_back(file);
  }
  return names;
}

std::string DataSet::Commit() const {
  Sha256 hash;
  for (const DataSource& source : sources) {
    hash.Update(source.sha256 + "\n");
    for (const auto& [file, path] : source.files) hash.Update(Cat(file, "\t", path, "\n"));
  }
  for (const std::string& file : derived) hash.Update(file + "\n");
  return hash.Hex().substr(0, 40);
}

std::vector<DataSet> ReadCatalog(const std::filesystem::path& file) {
  std::vector<DataSet> sets = KnownDataSets();
  if (file.empty()) return sets;
  const Json json = ReadJsonFile(file);
  if (!json.is_object())
    throw DataError(file.string(), Cat("the top level is ", json.type_name(), ", an object is needed"));
  for (const auto& [name, entry] : json.items()) {
    DataSet set = ReadSet(name, entry, file.string());
    const auto same =
        std::find_if(sets.begin(), sets.end(), [&](const DataSet& other) { return other.name == set.name; });
    if (same == sets.end()) {
      sets.push_back(std::move(set));
    } else {
      *same = std::move(set);
    }
  }
  return sets;
}

const DataSet* FindDataSet(const std::vector<DataSet>& sets, const std::string& name) {
  const auto found =
      std::find_if(sets.begin(), sets.end(), [&](const DataSet& set) { return set.name == name; });
  return found == sets.end() ? nullptr : &*found;
}

}  // namespace bv::fetch
