// States as whole numbers of 8 bits with two kinds of scales: one for each channel of a layer, which takes up
// what is always large (BERT has a few such channels), and one for each token and layer. Plain functions,
// safe from any thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace bv {

// values * channel_scale * token_scale are the states.
struct Int8States {
  at::Tensor values;         // [N, L, H] i8
  at::Tensor token_scale;    // [N, L] f32
  at::Tensor channel_scale;  // [L, H] f32
};

// Scales [L, H] f32 for states [N, L, H] and others like them: each channel's root mean square over the
// tokens, but not below a sixty-fourth of the layer's, lest a channel that is silent here and speaks
// elsewhere spoil all others there.
at::Tensor ChannelScales(const at::Tensor& states);

// states [N, L, H], finite. The error of a value is at most half of its channel's scale times its token's.
Int8States EncodeInt8(const at::Tensor& states, const at::Tensor& channel_scale);

// Tokens `begin` to `begin` + `count` into `out` [count, L, H] f32 or bf16; `layers` picks and orders layers,
// all of them if empty. In the calling thread alone.
void DecodeInt8(const Int8States& states, int64_t begin, int64_t count, const std::vector<int64_t>& layers,
                const at::Tensor& out);

}  // namespace bv
