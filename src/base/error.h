// The one exception type of the project. It is thrown where the facts are known and caught in main (exit
// code, one line) and nowhere else, except where a caller can really go on. The message is one line: what
// file or option, what was found, what is allowed, the likely cause.
#pragma once

#include <stdexcept>
#include <string>

namespace bv {

enum class ErrorKind {
  kUsage,        // the command line or a plan is wrong: exit code 2
  kData,         // a file's content is wrong
  kIo,           // the operating system refused: missing file, full disk, no permission
  kUnsupported,  // valid, but not something this program or machine does
  kInterrupted,  // the user asked to stop; state has been saved
  kInternal,     // a broken promise of our own
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

// "file: what", for the commonest case.
Error DataError(const std::string& file, const std::string& what);
// "what 'path': strerror(errno)"; reads errno at the call.
Error IoError(const std::string& what, const std::string& path);

}  // namespace bv
