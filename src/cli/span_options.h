// Options that the verbs on spans share, so that they read the same and mean the same everywhere.
#pragma once

#include <string>

#include "cli/options.h"
#include "decode/span_decoder.h"
#include "features/windows.h"

namespace bv::cli {

// --max-length, --doc-stride.
void DeclareWindows(Options& options, WindowOptions* windows);

// --n-best, --max-answer-length, --null-threshold, --null-score.
struct DecodeFlags {
  DecodeOptions options;
  std::string null_score = "min";

  void Declare(Options& declared);
  DecodeOptions Value() const;
};

}  // namespace bv::cli
