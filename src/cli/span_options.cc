#include "cli/span_options.h"

namespace bv::cli {

void DeclareWindows(Options& options, WindowOptions* windows) {
  options.Integer("--max-length", &windows->max_length, 8, 1 << 16, "pieces of a window at most");
  options.Integer("--doc-stride", &windows->doc_stride, 0, 1 << 16,
                  "pieces that neighbouring windows of a long context share");
}

void DecodeFlags::Declare(Options& declared) {
  declared.Integer("--n-best", &options.n_best, 1, DecodeOptions::kMost,
                   "spans tried per window and kept per question");
  declared.Integer("--max-answer-length", &options.max_answer_length, 1, DecodeOptions::kMost,
                   "pieces of an answer at most");
  declared.Number("--null-threshold", &options.null_threshold, -kInfinite, kInfinite,
                  "no answer if null score - best score is above this");
  declared.Choice("--null-score", &null_score, {"min", "max"}, "over the windows of a question");
}

DecodeOptions DecodeFlags::Value() const {
  DecodeOptions value = options;
  value.null_score = null_score == "max" ? DecodeOptions::kMax : DecodeOptions::kMin;
  return value;
}

}  // namespace bv::cli
