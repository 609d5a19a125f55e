// examples.jsonl of a store: texts, questions, contexts, labels and gold answers, so that a store alone is
// enough for decoding and official scoring. Plain functions, safe from any thread.
#pragma once

#include <string>

#include "base/file.h"
#include "data/task.h"

namespace bv {

// The whole file: a line for the data set, then a line for each example, in order; contexts have lines of
// their own, before the first question about them.
std::string FormatExamples(const TaskExamples& examples);

// Errors: kData with the line for wrong types, numbers out of order or range, and answers that are not at
// their place.
TaskExamples ReadExamples(const fs::path& path);

}  // namespace bv
