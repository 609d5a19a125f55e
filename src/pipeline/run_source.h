// What lies in a folder that is given as a run, before anything heavy is read: which kind it is, and what it
// says of the states and answers it was made with.
#pragma once

#include <optional>
#include <string>

#include "base/file.h"
#include "decode/span_decoder.h"
#include "states/origin.h"

namespace bv {

struct RunSource {
  fs::path folder;  // of the head, or of the Hugging Face model
  bool is_head = false;
  std::optional<StatesOrigin> origin;  // heads
  // What it was made for. Of a model without a run, what its config.json says; labels may be missing there.
  Task task;
  bool described = false;  // by a run.json
  // Of the run's own evaluation; where a fine-tuned model has no run above it, the defaults in fp32.
  WindowOptions windows;
  std::string precision = "fp32";
  DecodeOptions decode;
};

// Errors (kData): a folder that is no run, or holds several; an unfinished run; missing or wrong keys.
RunSource FindRun(const fs::path& folder);

}  // namespace bv
