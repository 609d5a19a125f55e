// How fast a backbone computes the states of all layers on this machine, and how fast the machine's own
// matrix products of the same sizes would let it. Nothing is written and no head is involved. Free functions
// that keep all threads of LibTorch busy: from one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "bench/rates.h"
#include "bert/multiply_adds.h"
#include "features/windows.h"
#include "kernels/kernels.h"
#include "states/window_states.h"

namespace bv::bench {

// The rate of prepacked products (kernels::Linear::Packed, without an activation) of an encoder layer's four
// shapes, each with so many rows.
struct ProductLimit {
  int64_t rows = 0;
  std::array<LinearShape, 4> shapes;
  std::array<Rates, 4> rows_per_second;

  // Multiply-adds a second of all four together, one row through each: a shape counts by the time it takes.
  double MultiplyAddsPerSecond() const;
};

ProductLimit MeasureProducts(const BertConfig& config, Precision precision, int64_t rows,
                             const Effort& effort);

// Of windows of one length, or of a file's own mix.
struct EncoderRate {
  int64_t windows = 0, tokens = 0;     // that a repeat computes, about
  Rates tokens_per_second;             // no padding is among them
  double multiply_adds_per_token = 0;  // useful ones: linear layers, attention of real tokens

  // Useful multiply-adds a second over those of the limit.
  double ShareOf(const ProductLimit& limit) const;
};

// Multiply-adds of the windows' way through the encoder (bert/multiply_adds.h).
double MultiplyAdds(const BertConfig& config, const std::vector<Window>& windows);

// Tokens of a batch: as extraction takes them, or fewer where this backbone would take longer than `seconds`
// for so many, but at least `length`. It times a window of `length` pieces.
int64_t BatchTokens(const WindowStates& states, const BertConfig& config, int64_t length, double seconds);

// One batch of made-up windows of `length` pieces, as many as keep it within batch_tokens, again and again.
EncoderRate MeasureLength(const WindowStates& states, const BertConfig& config, int64_t length,
                          int64_t batch_tokens, const Effort& effort);

// The windows in the batches of extraction. Where the time is enough, all of them again and again after a
// first pass; else three samples of other batches each, so that each batch has the preparation that a new
// number of tokens costs. No windows: nothing is measured.
EncoderRate MeasureWindows(const WindowStates& states, const BertConfig& config,
                           const std::vector<Window>& windows, int64_t batch_tokens, const Effort& effort);

}  // namespace bv::bench
