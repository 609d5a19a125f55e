// States of windows, computed by a backbone: what both extraction and training straight from text do with a
// batch. Immutable once built; safe from any thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "bert/encoder.h"
#include "features/windows.h"

namespace bv {

class WindowStates {
 public:
  // layers: which states to keep, rising, 0 = the embedding block's; empty: all. The encoder must outlive
  // this.
  WindowStates(const Encoder& encoder, std::vector<int32_t> layers);

  const std::vector<int32_t>& layers() const { return layers_; }
  int64_t hidden() const { return encoder_.config().hidden_size; }

  struct Result {
    PackedTokens tokens;
    at::Tensor states;  // [N, layers kept, H] in the encoder's precision
  };
  // The encoder stops after the last layer that is kept.
  Result Compute(std::span<const Window* const> windows) const;

 private:
  const Encoder& encoder_;
  std::vector<int32_t> layers_;
  std::vector<int64_t> slot_;  // of each of the encoder's states in the result, or -1
};

PackedTokens PackWindows(std::span<const Window* const> windows);

// Batches of window numbers: sorted by length, longest first (equal lengths in the order given), as many to a
// batch as keep its tokens within max_tokens, at least one. A function of the lengths alone.
std::vector<std::vector<int64_t>> BatchesByLength(const std::vector<Window>& windows, int64_t max_tokens);

}  // namespace bv
