// examples.jsonl of a store: questions, contexts and gold answers, so that a store alone is enough for
// decoding and official scoring. Plain functions, safe from any thread.
#pragma once

#include <string>

#include "base/file.h"
#include "data/squad.h"

namespace bv {

// The whole file: a line for the data set, then a line for each context (before the first question about it)
// and for each example, in order.
std::string FormatExamples(const QaData& data);

// Errors: kData with the line for wrong types, numbers out of order or range, and answers that are not at
// their place.
QaData ReadExamples(const fs::path& path);

}  // namespace bv
