#include "cli/verbs.h"

namespace bv::cli {

// One line a verb, in the order of work: declared here, defined in cmd_<verb>.cc.
Action DeclareEval(Options&);

const std::vector<Verb>& Verbs() {
  static const std::vector<Verb> verbs = {
      {"eval", "official scores of a predictions file", DeclareEval},
  };
  return verbs;
}

}  // namespace bv::cli
