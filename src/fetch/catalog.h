// Data sets by name: what their files are, where they come from, and what they must hash to. Plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace bv::fetch {

// One download: a file, or a zip archive of which some members are wanted.
struct DataSource {
  std::string url;
  int64_t bytes = 0;
  std::string sha256;
  // Name in the data set, and the path inside the archive; a source that is a file has one entry without a
  // path.
  std::vector<std::pair<std::string, std::string>> files;

  bool is_archive() const { return !files.front().second.empty(); }
};

// Makes a set's files of what its sources hold, both by name.
using Derive = std::map<std::string, std::string> (*)(const std::map<std::string, std::string>& sources);

struct DataSet {
  std::string name;
  std::string about;  // one line
  std::vector<DataSource> sources;
  Derive derive = nullptr;                // nullptr: the files are those of the sources
  std::vector<std::string> derived = {};  // the names that derive gives

  // The names of its files, in order.
  std::vector<std::string> Files() const;
  // A name for this very content, as 40 digits: it changes when a file, its name or its hash does.
  std::string Commit() const;
};

// The known data sets, with those of a catalog file added; of equal names the file's counts. The file is
// JSON, see docs/fetching.md. An empty path: no file. Errors: kIo; kData with the place in the file.
std::vector<DataSet> ReadCatalog(const std::filesystem::path& file);

// nullptr where there is none.
const DataSet* FindDataSet(const std::vector<DataSet>& sets, const std::string& name);

}  // namespace bv::fetch
