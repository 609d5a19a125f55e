// Data files by the checksum that runs recorded: where a file is that a system was scored on. Reads files to
// hash them. One owner.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "report/system.h"

namespace bv {

class DataFiles {
 public:
  // `given`: a file to look at first; may be empty. Every system may lead to the file of the others. Errors:
  // kIo if `given` cannot be read.
  DataFiles(const std::vector<ReportSystem>& systems, const std::filesystem::path& given);

  // Nothing where there is no file with this checksum.
  std::optional<std::filesystem::path> PathOf(const std::string& hash) const;
  // Why there is none for the system.
  std::string WhyNot(const ReportSystem& system) const;

 private:
  std::map<std::string, std::filesystem::path> paths_, changed_;
};

}  // namespace bv
