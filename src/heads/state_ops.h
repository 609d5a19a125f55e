// The products of hidden states that heads are made of. States may be stored in 16 bits: they are widened to
// f32 block by block, so that no f32 copy of a whole batch ever exists; or, stored as bf16 and on a processor
// made for it, multiplied as they are, with sums in f32. Autograd knows these functions; states get a
// gradient only where they ask for one (a pooled state does, stored ones do not). Safe from any thread.
#pragma once

#include <ATen/core/Tensor.h>

namespace bv {

// rows [R, H] times weight [O, H] transposed, plus bias [O]: [R, O] f32. An undefined bias is none. rows may
// be strided (one layer of a batch of states).
at::Tensor ProjectRows(const at::Tensor& rows, const at::Tensor& weight, const at::Tensor& bias = {});

// states [N, L, H] weighed by weight [L]: [N, H] f32. The states get no gradient.
at::Tensor PoolStates(const at::Tensor& states, const at::Tensor& weight);

}  // namespace bv
