// Where the tokens of a packed batch stand when its windows lie beside each other in a grid: for the few
// parts of heads that mix the tokens of a window or have a weight for each place. Immutable; safe from any
// thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>

namespace bv {

class TokenGrid {
 public:
  // offsets: [B + 1] i64 on the CPU. The grid is as long as the longest window, or `places` long where that
  // is not 0, which must be enough for it.
  TokenGrid(const at::Tensor& offsets, const at::Device& device, int64_t places = 0);

  int64_t windows() const { return windows_; }
  int64_t places() const { return places_; }  // T
  // [N, …] to [B, T, …], zeros where there is no token.
  at::Tensor Spread(const at::Tensor& packed) const;
  // [B, T, …] to [N, …]. Differentiable, as Spread is.
  at::Tensor Gather(const at::Tensor& grid) const;
  // [B, T] f32, 1 where there is a token; undefined where there is one everywhere.
  at::Tensor Mask() const;

 private:
  int64_t windows_ = 0, places_ = 0;
  at::Tensor slots_;  // [N] i64; undefined where every place has a token
  at::Tensor mask_;
};

// Error(kData) for a window with more tokens than the head has places.
void RequirePlaces(const at::Tensor& offsets, int64_t places, const std::string& head);

// Calls forward on parts of the batch, as many whole windows as fit into `tokens` (at least one), and joins
// the results along their first dimension: the memory of an inference does not grow with its batch.
using PartForward = std::function<at::Tensor(const at::Tensor& states, const at::Tensor& offsets)>;
at::Tensor InParts(const at::Tensor& states, const at::Tensor& offsets, int64_t tokens,
                   const PartForward& forward);

}  // namespace bv
