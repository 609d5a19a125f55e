#include "base/error.h"

#include <cerrno>
#include <system_error>

namespace bv {

Error DataError(const std::string& file, const std::string& what) {
  return {ErrorKind::kData, file + ": " + what};
}

Error IoError(const std::string& what, const std::string& path) {
  const int code = errno;
  return {ErrorKind::kIo, what + " '" + path + "': " + std::generic_category().message(code)};
}

}  // namespace bv
