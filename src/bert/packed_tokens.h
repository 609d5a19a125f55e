// The input of the encoders: the pieces of the windows of a batch end to end, never padded by ourselves.
// Plain values.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace bv {

// The pieces of B windows end to end: ids, type_ids, positions [N] int64 (positions count from 0 in each
// window) and offsets [B+1] int64, ascending from 0 to N. keys [B] int64: the pieces of each window that are
// attended to, those before its padding; undefined where no window is padded. All on the CPU.
struct PackedTokens {
  at::Tensor ids, type_ids, positions, offsets;
  at::Tensor keys = {};
};

// One window: piece ids and token types of equal length. The last `padding` pieces are masked in attention as
// transformers' attention_mask does it: nothing attends to them, and they attend to all others.
struct TokenSpan {
  std::span<const int32_t> ids;
  std::span<const uint8_t> type_ids;
  int64_t padding = 0;
};

PackedTokens PackTokens(std::span<const TokenSpan> windows);

struct BertConfig;
// Errors (kData): a window longer than the model's positions, ids or types out of range.
void CheckTokens(const PackedTokens& tokens, const BertConfig& config);

}  // namespace bv
