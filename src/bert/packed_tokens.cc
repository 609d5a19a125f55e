#include "bert/packed_tokens.h"

#include <ATen/ops/empty.h>

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "bert/config.h"

namespace bv {
namespace {

void CheckRange(const at::Tensor& values, int64_t limit, const char* what) {
  const auto* data = values.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < values.numel(); ++i) {
    if (data[i] < 0 || data[i] >= limit) {
      throw Error(ErrorKind::kData, Cat(what, " ", data[i], " is outside the model's 0 to ", limit - 1,
                                        "; the tokenizer belongs to another model, or a window is too long"));
    }
  }
}

}  // namespace

PackedTokens PackTokens(std::span<const TokenSpan> windows) {
  int64_t total = 0;
  for (const auto& window : windows) total += static_cast<int64_t>(window.ids.size());
  PackedTokens packed = {at::empty({total}, at::kLong), at::empty({total}, at::kLong),
                         at::empty({total}, at::kLong),
                         at::empty({static_cast<int64_t>(windows.size()) + 1}, at::kLong)};
  const bool padded =
      std::any_of(windows.begin(), windows.end(), [](const TokenSpan& window) { return window.padding > 0; });
  if (padded) packed.keys = at::empty({static_cast<int64_t>(windows.size())}, at::kLong);
  auto* ids = packed.ids.mutable_data_ptr<int64_t>();
  auto* types = packed.type_ids.mutable_data_ptr<int64_t>();
  auto* positions = packed.positions.mutable_data_ptr<int64_t>();
  auto* offsets = packed.offsets.mutable_data_ptr<int64_t>();
  int64_t at_token = 0;
  for (size_t w = 0; w < windows.size(); ++w) {
    offsets[w] = at_token;
    if (padded)
      packed.keys.mutable_data_ptr<int64_t>()[w] =
          static_cast<int64_t>(windows[w].ids.size()) - windows[w].padding;
    for (size_t i = 0; i < windows[w].ids.size(); ++i, ++at_token) {
      ids[at_token] = windows[w].ids[i];
      types[at_token] = windows[w].type_ids[i];
      positions[at_token] = static_cast<int64_t>(i);
    }
  }
  offsets[windows.size()] = total;
  return packed;
}

void CheckTokens(const PackedTokens& tokens, const BertConfig& config) {
  CheckRange(tokens.ids, config.vocab_size, "piece id");
  CheckRange(tokens.type_ids, config.type_vocab_size, "token type");
  CheckRange(tokens.positions, config.max_positions, "position");
}

}  // namespace bv
