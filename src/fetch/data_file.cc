#include "fetch/data_file.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/hub_cache.h"
#include "base/strings.h"
#include "fetch/data_sets.h"
#include "fetch/homes.h"

namespace bv::fetch {
namespace {

std::string Part(const std::string& file) {
  return fs::path(file).stem().string();
}

// Of all files, "set/part" each, for errors.
std::string Choices(const std::string& set, const std::vector<std::string>& files) {
  std::vector<std::string> parts;
  parts.reserve(files.size());
  for (const std::string& file : files) parts.push_back(set + "/" + Part(file));
  std::sort(parts.begin(), parts.end());
  return Join(parts, ", ");
}

std::vector<std::string> FilesIn(const fs::path& snapshot) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(snapshot))
    files.push_back(entry.path().filename().string());
  return files;
}

}  // namespace

fs::path FindDataFile(const std::string& name) {
  std::error_code ignored;
  if (name == "-" || fs::exists(name, ignored)) return name;
  const size_t slash = name.find('/');
  const std::string set = name.substr(0, slash), part = slash == name.npos ? "" : name.substr(slash + 1);
  const auto hub = ParseHubName(set);
  if (!hub || hub->name != set || part.find('/') != part.npos) return name;
  const DataSet* known = FindDataSet(KnownDataSets(), set);
  const fs::path cache = HubCacheFolder();
  const fs::path snapshot = CachedSnapshot(cache / RepositoryFolder("datasets", RepositoryName(set)), "main");
  if (known == nullptr && snapshot.empty()) return name;
  const std::vector<std::string> files = snapshot.empty() ? known->Files() : FilesIn(snapshot);
  const auto file =
      std::find_if(files.begin(), files.end(), [&](const std::string& f) { return Part(f) == part; });
  if (file == files.end()) {
    throw Error(ErrorKind::kUsage, Cat(Quoted(name),
                                       part.empty() ? " is a data set, a part of it is needed: "
                                                    : " is no part of the data set; it has: ",
                                       Choices(set, files)));
  }
  if (snapshot.empty()) {
    throw Error(ErrorKind::kIo, Cat("data set '", set, "' is not in the Hugging Face cache at '",
                                    cache.string(), "'; 'bertvision fetch ", set, "' gets it"));
  }
  return snapshot / *file;
}

}  // namespace bv::fetch
