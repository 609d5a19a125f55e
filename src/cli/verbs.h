// THE list of verbs. A verb is one file cmd_<verb>.cc with a function that declares its options and gives
// back what runs it; the line in verbs.cc is the only other place that knows it.
#pragma once

#include <functional>
#include <vector>

#include "cli/options.h"

namespace bv::cli {

// Does the verb's work with the parsed options; throws bv::Error.
using Action = std::function<void()>;

struct Verb {
  const char* name;
  const char* summary;  // one line, for the list in --help
  Action (*declare)(Options& options);
  bool long_work = false;  // keeps all processors busy for minutes or hours
};

const std::vector<Verb>& Verbs();

}  // namespace bv::cli
