#include "fetch/fetched.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/strings.h"

namespace bv::fetch {

Fetched DescribeSnapshot(const std::string& name, const std::string& kind, const fs::path& snapshot) {
  Fetched fetched{.name = name, .kind = kind, .commit = snapshot.filename().string(), .folder = snapshot};
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(snapshot, code)) {
    if (!entry.is_regular_file(code)) continue;
    fetched.files.push_back({entry.path().filename().string(), static_cast<int64_t>(entry.file_size(code))});
  }
  if (code) throw Error(ErrorKind::kIo, Cat("cannot read '", snapshot.string(), "': ", code.message()));
  std::sort(fetched.files.begin(), fetched.files.end(),
            [](const FetchedFile& a, const FetchedFile& b) { return a.name < b.name; });
  return fetched;
}

}  // namespace bv::fetch
