#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <atomic>
#include <optional>

#include "base/error.h"
#include "base/strings.h"
#include "kernels/head_attention.h"
#include "kernels/kernels.h"
#include "kernels/panel.h"

namespace bv::kernels {
namespace {

using c10::BFloat16;

std::span<const int64_t> Numbers(const at::Tensor& tensor) {
  if (!tensor.defined()) return {};
  return {tensor.const_data_ptr<int64_t>(), static_cast<size_t>(tensor.numel())};
}

// Where a batch's windows begin, and how many of each one's rows are keys (empty: all).
struct Layout {
  std::span<const int64_t> offsets, keys;
  int64_t heads;
};

// One head in one window: where its rows stand in matrices of the batch.
struct Place {
  int64_t begin, rows, keys, head, width;

  // The first `count` rows of the head in a matrix of these columns, whose part with all heads begins at
  // part_begin.
  template <typename T>
  HeadRows<T> Rows(T* data, int64_t columns, int64_t part_begin, int64_t count) const {
    return {data + begin * columns + part_begin + head * width, columns, count};
  }
};

// body(attention, place) for every head in every window, dealt out to the threads as they come: results do
// not depend on who computes them.
template <typename T, typename F, typename Body>
void ForEachHead(const Layout& layout, int64_t width, const Body& body) {
  const auto windows = static_cast<int64_t>(layout.offsets.size()) - 1;
  int64_t most_rows = 1;
  for (size_t w = 0; w + 1 < layout.offsets.size(); ++w)
    most_rows = std::max(most_rows, layout.offsets[w + 1] - layout.offsets[w]);
  std::atomic<int64_t> next = 0;
  const auto work = [&](int64_t, int64_t) {
    HeadAttention<T, F> attention(width, most_rows);
    for (int64_t i = next++; i < windows * layout.heads; i = next++) {
      const auto window = static_cast<size_t>(i / layout.heads);
      const int64_t begin = layout.offsets[window], rows = layout.offsets[window + 1] - begin;
      if (rows == 0) continue;
      body(&attention,
           Place{begin, rows, layout.keys.empty() ? rows : layout.keys[window], i % layout.heads, width});
    }
  };
  at::parallel_for(0, at::get_num_threads(), 1, work);
}

HeadDropout DropoutOf(const DropoutKey& key, const Place& place, int64_t heads) {
  return {key, static_cast<uint64_t>(place.begin * heads + place.head), static_cast<uint64_t>(heads)};
}

// qkv [N, 3H] to out [N, H].
template <typename T, typename F>
void Forward(const at::Tensor& qkv, const Layout& layout, const DropoutKey& dropout, at::Tensor* out) {
  const int64_t columns = qkv.size(1), hidden = columns / 3;
  const T* from = qkv.const_data_ptr<T>();
  T* to = out->mutable_data_ptr<T>();
  ForEachHead<T, F>(layout, hidden / layout.heads, [&](HeadAttention<T, F>* attention, const Place& place) {
    attention->Forward(place.Rows(from, columns, 0, place.rows),
                       place.Rows(from, columns, hidden, place.keys),
                       place.Rows(from, columns, 2 * hidden, place.keys),
                       DropoutOf(dropout, place, layout.heads), place.Rows(to, hidden, 0, place.rows));
  });
}

// qkv [N, 3H] and the gradient [N, H] of what came out to the gradient [N, 3H] of qkv.
template <typename T, typename F>
void Backward(const at::Tensor& qkv, const at::Tensor& gradient, const Layout& layout,
              const DropoutKey& dropout, at::Tensor* out) {
  const int64_t columns = qkv.size(1), hidden = columns / 3;
  const T *from = qkv.const_data_ptr<T>(), *grad = gradient.const_data_ptr<T>();
  T* to = out->mutable_data_ptr<T>();
  ForEachHead<T, F>(layout, hidden / layout.heads, [&](HeadAttention<T, F>* attention, const Place& place) {
    attention->Backward(
        place.Rows(from, columns, 0, place.rows), place.Rows(from, columns, hidden, place.keys),
        place.Rows(from, columns, 2 * hidden, place.keys), DropoutOf(dropout, place, layout.heads),
        place.Rows(grad, hidden, 0, place.rows), place.Rows(to, columns, 0, place.rows),
        place.Rows(to, columns, hidden, place.keys), place.Rows(to, columns, 2 * hidden, place.keys));
    // Rows that are no keys got no attention.
    for (int64_t row = place.keys; row < place.rows; ++row) {
      T* keys_row = to + (place.begin + row) * columns + hidden + place.head * place.width;
      std::fill_n(keys_row, place.width, static_cast<T>(0.0F));
      std::fill_n(keys_row + hidden, place.width, static_cast<T>(0.0F));
    }
  });
}

// run(tag of T, tag of F) for what a matrix holds and the processor has.
template <typename Run>
void Dispatch(at::ScalarType type, const Run& run) {
  if (type != at::kBFloat16)
    run(float{}, float{});
  else if (HasPairProducts())
    run(BFloat16{}, BFloat16{});
  else
    run(BFloat16{}, float{});
}

class AttentionFunction : public torch::autograd::Function<AttentionFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& qkv,
                            const at::Tensor& offsets, const std::optional<at::Tensor>& some_keys,
                            int64_t heads, bool bf16, double probability, int64_t seed) {
    const at::Tensor keys = some_keys.value_or(at::Tensor());
    const at::Tensor cast = qkv.detach().to(bf16 ? at::kBFloat16 : at::kFloat).contiguous();
    context->save_for_backward({cast, offsets, keys});
    context->saved_data["heads"] = heads;
    context->saved_data["probability"] = probability;
    context->saved_data["seed"] = seed;
    context->saved_data["dtype"] = qkv.scalar_type();
    at::Tensor out = at::empty({cast.size(0), cast.size(1) / 3}, cast.options());
    const Layout layout = {Numbers(offsets), Numbers(keys), heads};
    Dispatch(cast.scalar_type(), [&](auto t, auto f) {
      Forward<decltype(t), decltype(f)>(cast, layout, {probability, static_cast<uint64_t>(seed)}, &out);
    });
    return out.to(qkv.scalar_type());
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const Layout layout = {Numbers(saved[1]), Numbers(saved[2]), context->saved_data["heads"].toInt()};
    const DropoutKey key = {context->saved_data["probability"].toDouble(),
                            static_cast<uint64_t>(context->saved_data["seed"].toInt())};
    const at::Tensor gradient = gradients[0].to(saved[0].scalar_type()).contiguous();
    at::Tensor result = at::empty(saved[0].sizes(), saved[0].options());
    Dispatch(result.scalar_type(), [&](auto t, auto f) {
      Backward<decltype(t), decltype(f)>(saved[0], gradient, layout, key, &result);
    });
    return {result.to(context->saved_data["dtype"].toScalarType()),
            at::Tensor(),
            at::Tensor(),
            at::Tensor(),
            at::Tensor(),
            at::Tensor(),
            at::Tensor()};
  }
};

}  // namespace

at::Tensor VarlenAttention(const at::Tensor& qkv, const at::Tensor& offsets, int64_t heads,
                           Precision precision, const DropoutKey& dropout, const at::Tensor& keys) {
  if (qkv.size(1) % (3 * heads) != 0) {
    throw Error(ErrorKind::kInternal,
                Cat("attention: ", qkv.size(1), " columns do not split into 3 x ", heads, " heads"));
  }
  // apply takes no undefined tensors.
  const std::optional<at::Tensor> some_keys = keys.defined() ? std::optional(keys) : std::nullopt;
  return AttentionFunction::apply(qkv, offsets, some_keys, heads, precision == Precision::kBf16,
                                  dropout.probability, static_cast<int64_t>(dropout.seed));
}

void AttentionInto(const at::Tensor& qkv, std::span<const int64_t> offsets, std::span<const int64_t> keys,
                   int64_t heads, at::Tensor* out) {
  Dispatch(qkv.scalar_type(), [&](auto t, auto f) {
    Forward<decltype(t), decltype(f)>(qkv, {offsets, keys, heads}, {}, out);
  });
}

}  // namespace bv::kernels
