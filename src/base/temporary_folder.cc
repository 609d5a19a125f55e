#include "base/temporary_folder.h"

#include <cstdlib>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"

namespace bv {

TemporaryFolder::TemporaryFolder(const fs::path& parent) {
  std::error_code none;
  const fs::path place = parent.empty() ? fs::temp_directory_path(none) : parent;
  if (none)
    throw Error(ErrorKind::kIo, "$TMPDIR names no folder; set it to one, or name a folder for scratch files");
  std::string name = (place / "bertvision-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw IoError("cannot make a scratch folder in", place.string());
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code failure;
  fs::remove_all(path_, failure);
  if (failure) LogWarning(Cat("'", path_.string(), "' could not be removed: ", failure.message()));
}

}  // namespace bv
