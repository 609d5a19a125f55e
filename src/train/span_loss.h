// The loss of span heads and of fine-tuning for spans: cross-entropy of start and of end over the pieces of
// each window, from packed logits. Safe from any thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace bv {

// Where the labels of a batch stand; made once per batch, shared by all heads.
struct SpanTargets {
  at::Tensor slots;   // [N] i64: the place of each token in a grid [B, longest]
  at::Tensor labels;  // [2B] i64: starts, then ends, within the window
  int64_t windows = 0;
  int64_t longest = 0;  // tokens of the longest window
};

// offsets [B+1] i64 on the CPU; start, end [B] i64, any device; the result is on `device`. Errors (kData): a
// window without tokens, a label outside its window.
SpanTargets MakeSpanTargets(const at::Tensor& offsets, const at::Tensor& start, const at::Tensor& end,
                            const at::Device& device);

// kSum: CE(start) + CE(end), spec section F1; kMean: half of that, F6.
enum class SpanReduction { kSum, kMean };

// logits [N, 2] f32, column 0 = start: the mean over windows, a scalar. Differentiable.
at::Tensor SpanLoss(const at::Tensor& logits, const SpanTargets& targets, SpanReduction reduction);

}  // namespace bv
