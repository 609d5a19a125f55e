#include "cli/verbs.h"

namespace bv::cli {

// One line a verb, in the order of work: declared here, defined in cmd_<verb>.cc.

const std::vector<Verb>& Verbs() {
  static const std::vector<Verb> verbs = {};
  return verbs;
}

}  // namespace bv::cli
