// Windows of a store, packed end to end: N tokens in all, B windows, L states of width H. What goes into a
// store and what comes out of it have this one form. A plain value; its tensors lie on the CPU, except the
// states of a batch to be written, which may be on any device.
#pragma once

#include <ATen/core/Tensor.h>

namespace bv {

struct StoreBatch {
  at::Tensor states;          // [N, L, H] f32, f16 or bf16
  at::Tensor offsets;         // [B + 1] i64: tokens offsets[b] to offsets[b + 1] are window b
  at::Tensor input_ids;       // [N] i32
  at::Tensor token_type_ids;  // [N] u8
  at::Tensor ranges;          // [N, 2] i32: bytes of the question or the context; 0, 0 for special pieces
  at::Tensor window;          // [B] i32: number of the window among all, as the data gives them
  at::Tensor example;         // [B] i32: number of the example in examples.jsonl
  at::Tensor labels;   // [B, 2] i32: first and last piece of the answer within the window; 0, 0 = [CLS]
  at::Tensor target;   // [B] f32: class or value of each window; undefined for spans
  at::Tensor context;  // [B, 2] i32: the window's pieces that belong to the context, half-open

  int64_t windows() const { return offsets.size(0) - 1; }
};

}  // namespace bv
