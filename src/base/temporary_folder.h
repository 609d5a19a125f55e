// A folder of one's own while some work lasts; it goes with all that is in it when its owner does. Not for
// what shall outlive the process. One owner.
#pragma once

#include "base/file.h"

namespace bv {

class TemporaryFolder {
 public:
  // Made inside `parent`, or in the system's temporary folder ($TMPDIR) where that is empty; its name begins
  // with "bertvision-". Errors: kIo where none can be made.
  explicit TemporaryFolder(const fs::path& parent);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace bv
