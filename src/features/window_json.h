// How windows were cut, as the files say that depend on it (a store's index, run.json, logits): written and
// read in one place, so that they agree. Windows of the default rule have the keys max_length and doc_stride
// alone. Pure functions.
#pragma once

#include <string>

#include "base/json.h"
#include "features/windows.h"

namespace bv {

// Appends max_length and doc_stride; or, by the study's rule, max_length, window_rule, advance,
// question_limit and, where they are for training, training. pad_to where they are padded.
void AddWindowOptions(const WindowOptions& options, OrderedJson* json);

// Errors (kData) name the file and the key. where: the object that holds the keys, for messages.
WindowOptions ReadWindowOptions(const Json& json, const std::string& file, const std::string& where = "");

// "of at most 384 pieces, 128 shared by neighbours": for people.
std::string WindowText(const WindowOptions& options);

}  // namespace bv
