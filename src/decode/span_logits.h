// The start and end logits of one system over all windows of a data set, with everything that decoding needs
// beside the questions. A plain value; how it lies on disk is elsewhere (layer logits).
#pragma once

#include <cstdint>
#include <vector>

#include "data/squad.h"
#include "decode/span_decoder.h"
#include "text/byte_range.h"

namespace bv {

// N pieces of B windows end to end, in the order of the windows' numbers.
struct SpanLogits {
  std::vector<float> start, end;       // [N]
  std::vector<ByteRange> ranges;       // [N]: bytes of the context (or question); {0, 0} for special pieces
  std::vector<int64_t> offsets = {0};  // [B + 1]: pieces offsets[b] to offsets[b + 1] are window b
  std::vector<int32_t> example;        // [B]: index into QaData::examples
  std::vector<int32_t> window;         // [B]: number of the window among all, rising
  std::vector<int32_t> context;        // [B, 2] row by row: pieces of the window that are context, half-open
  std::vector<int32_t> ids;            // [N]: the pieces; may be empty where no study's decoder reads them

  int64_t windows() const { return static_cast<int64_t>(example.size()); }
  int64_t pieces() const { return static_cast<int64_t>(start.size()); }
};

// The windows of each example, in order: by_example[e] holds indices into `logits`. Errors (kData): an
// example of the data without any window, a window of an example that the data lacks.
std::vector<std::vector<int64_t>> WindowsByExample(const QaData& data, const SpanLogits& logits);

// One answer per example of the data, in its order, by the decoder that the options name. Errors: as
// WindowsByExample; kData for logits that are not finite; kUsage for options out of range; kInternal for the
// study's decoder without ids.
std::vector<DecodedAnswer> DecodeSpans(const QaData& data, const SpanLogits& logits,
                                       const DecodeOptions& options, int threads);

}  // namespace bv
