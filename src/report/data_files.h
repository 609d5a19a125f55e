// The files behind systems: where the data is that one was scored on, by the checksum that its run recorded,
// and what runs keep by the ids of questions or rows. Reads files; scores nothing. One owner.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/json.h"
#include "report/system.h"

namespace bv {

// Systems gathered by what they answered: a Group is of those that answered the same of the same data.
template <typename Group>
struct SystemGroups {
  std::vector<Group> groups;
  std::vector<std::string> why_not;  // one per system given; empty where it is in a group
};

using IdSet = std::unordered_set<std::string>;

// {id: …}, as runs keep predictions and probabilities. Errors: those of ReadJsonFile; kData for anything else
// than an object.
Json ReadById(const std::filesystem::path& file);
IdSet IdsOf(const Json& by_id);

class DataFiles {
 public:
  // `given`: a file to look at first; may be empty. Every system may lead to the file of the others. Errors:
  // kIo if `given` cannot be read.
  DataFiles(const std::vector<ReportSystem>& systems, const std::filesystem::path& given);

  // Nothing where there is no file with this checksum.
  std::optional<std::filesystem::path> PathOf(const std::string& hash) const;
  // Why the system's predictions, or the data that they are of, cannot be looked at; empty: they can.
  std::string WhyNot(const ReportSystem& system) const;

 private:
  std::map<std::string, std::filesystem::path> paths_, changed_;
};

}  // namespace bv
