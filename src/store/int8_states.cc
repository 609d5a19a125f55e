#include "store/int8_states.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/where.h>

#include "base/error.h"
#include "kernels/int8_rows.h"
#include "kernels/rows.h"

namespace bv {
namespace {

constexpr double kQuietest = 1.0 / 64;

// Calls work(n, l, place of row n, l) for every layer of every token.
template <typename Work>
void ForRows(int64_t tokens, int64_t layers, const Work& work) {
  for (int64_t n = 0; n < tokens; ++n) {
    for (int64_t l = 0; l < layers; ++l) work(n, l, n * layers + l);
  }
}

}  // namespace

at::Tensor ChannelScales(const at::Tensor& states) {
  const at::Tensor squares = states.to(at::kFloat).square().mean(0, false, at::kDouble);  // [L, H]
  const at::Tensor floor = squares.mean(1, true).sqrt() * kQuietest;
  const at::Tensor scales = at::maximum(squares.sqrt(), floor);
  return at::where(scales > 0, scales, 1.0).to(at::kFloat).contiguous();
}

Int8States EncodeInt8(const at::Tensor& states, const at::Tensor& channel_scale) {
  const at::Tensor rows = states.to(at::kFloat).contiguous();
  const at::Tensor factors = channel_scale.reciprocal();
  const int64_t tokens = rows.size(0), layers = rows.size(1), hidden = rows.size(2);
  Int8States encoded = {at::empty(rows.sizes(), at::kChar), at::empty({tokens, layers}, at::kFloat),
                        channel_scale};
  const auto* x = rows.const_data_ptr<float>();
  const auto* by_channel = factors.const_data_ptr<float>();
  auto* values = encoded.values.mutable_data_ptr<int8_t>();
  auto* scales = encoded.token_scale.mutable_data_ptr<float>();
  ForRows(tokens, layers, [&](int64_t, int64_t layer, int64_t row) {
    scales[row] =
        kernels::QuantizeRow(x + row * hidden, by_channel + layer * hidden, hidden, values + row * hidden);
  });
  return encoded;
}

void DecodeInt8(const Int8States& states, int64_t begin, int64_t count, const std::vector<int64_t>& layers,
                const at::Tensor& out) {
  const int64_t all = states.values.size(1), hidden = states.values.size(2);
  const int64_t kept = layers.empty() ? all : static_cast<int64_t>(layers.size());
  const auto* values = states.values.const_data_ptr<int8_t>();
  const auto* by_channel = states.channel_scale.const_data_ptr<float>();
  const auto* by_token = states.token_scale.const_data_ptr<float>();
  std::vector<float> row(static_cast<size_t>(hidden));
  const auto decode = [&](auto* to, const auto& write) {
    ForRows(count, kept, [&](int64_t token, int64_t layer, int64_t place) {
      const int64_t from = layers.empty() ? layer : layers[static_cast<size_t>(layer)];
      const int64_t stored = (begin + token) * all + from;
      kernels::DequantizeRow(values + stored * hidden, by_channel + from * hidden, hidden, row.data());
      write(by_token[stored], to + place * hidden);
    });
  };
  const auto scaled = [&](float scale, auto* to) { kernels::ScaleRow(row.data(), scale, hidden, to); };
  if (out.scalar_type() == at::kFloat) return decode(out.mutable_data_ptr<float>(), scaled);
  if (out.scalar_type() == at::kBFloat16) return decode(out.mutable_data_ptr<at::BFloat16>(), scaled);
  throw Error(ErrorKind::kInternal, "int8 states become f32 or bf16");
}

}  // namespace bv
