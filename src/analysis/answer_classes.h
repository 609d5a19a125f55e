// Where answers are wrong: questions with and without an answer apart, and how many of the wrong answerable
// ones were predicted empty (spec section G, "Has-answer / no-answer"). Pure functions.
#pragma once

#include <cstdint>

#include "analysis/finding.h"
#include "analysis/run_set.h"

namespace bv {

struct AnswerClasses {
  int64_t answerable = 0, answerable_right = 0;
  int64_t answerable_empty = 0;    // wrong, because they were predicted empty
  int64_t answerable_partial = 0;  // wrong, but with words of a gold answer (F1 above 0)
  int64_t unanswerable = 0, unanswerable_right = 0;
};

AnswerClasses CountAnswerClasses(const RunSet& set, const AnalysedRun& run);

Finding AnswerClassesFinding(const RunSet& set);

}  // namespace bv
