#include "kernels/head_attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "kernels/layout.h"
#include "kernels/panel.h"
#include "kernels/rows.h"

namespace bv::kernels {
namespace {

using c10::BFloat16;

int64_t RoundUp(int64_t n, int64_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

template <typename T>
T* At(std::vector<T>& values, int64_t place) {
  return values.data() + place;
}
template <typename T>
const T* At(const std::vector<T>& values, int64_t place) {
  return values.data() + place;
}

template <typename F>
constexpr bool kPairs = std::is_same_v<F, BFloat16>;
// Numbers that one step along a row of a second factor takes.
template <typename F>
constexpr int64_t kWide = kPairs<F> ? 2 : 1;

void Multiply(const PanelShape& shape, const float* a, const float* b, float* c) {
  MultiplyPanel(shape, a, b, c);
}
void Multiply(const PanelShape& shape, const BFloat16* a, const BFloat16* b, float* c) {
  MultiplyPairs(shape, a, b, c);
}

template <typename F>
void Transpose(const F* in, int64_t in_words, int64_t rows, int64_t columns, F* out, int64_t out_words) {
  TransposeWords(reinterpret_cast<const uint32_t*>(in), in_words, rows, columns,
                 reinterpret_cast<uint32_t*>(out), out_words);
}

}  // namespace

template <typename T, typename F>
HeadAttention<T, F>::HeadAttention(int64_t width, int64_t most_rows)
    : width_(width), depth_(RoundUp(width, 16)) {
  const int64_t padded = RoundUp(most_rows, kBlock);
  const auto of_window = static_cast<size_t>(padded * depth_),
             of_block = static_cast<size_t>(kBlock * depth_);
  for (auto* panels : {&keys_transposed_, &values_transposed_, &keys_, &values_}) panels->resize(of_window);
  for (auto* sums : {&grad_keys_, &grad_values_}) sums->resize(of_window);
  for (auto* rows : {&queries_, &gradients_, &transposed_}) rows->resize(of_block);
  const auto of_scores = static_cast<size_t>(kBlock * padded);
  for (auto* scores : {&weights_, &grad_scores_, &paired_}) scores->resize(std::max(of_scores, of_block));
  for (auto* scores : {&scores_, &grad_weights_}) scores->resize(of_scores);
  result_.resize(of_block);
  mask_.resize(static_cast<size_t>(padded));
}

template <typename T, typename F>
void HeadAttention<T, F>::Gather(const HeadRows<const T>& from, int64_t begin, std::vector<F>* to) {
  const int64_t count = std::min(kBlock, from.rows - begin);
  std::fill(to->begin(), to->end(), static_cast<F>(0.0F));
  for (int64_t row = 0; row < count; ++row) {
    const T* source = from.first + (begin + row) * from.stride;
    if constexpr (std::is_same_v<T, F>)
      std::memcpy(At(*to, row * depth_), source, static_cast<size_t>(width_) * sizeof(T));
    else
      std::copy(source, source + width_, At(*to, row * depth_));
  }
}

template <typename T, typename F>
void HeadAttention<T, F>::LayOutTransposed(const HeadRows<const T>& from, std::vector<F>* to) {
  const int64_t words = depth_ / kWide<F>;
  for (int64_t begin = 0; begin < from.rows; begin += kBlock) {
    Gather(from, begin, &transposed_);
    Transpose(transposed_.data(), words, kBlock, words, At(*to, begin * depth_), kBlock);
  }
}

template <typename T, typename F>
void HeadAttention<T, F>::PairRows(const F* from, int64_t rows, int64_t n, F* to) {
  if constexpr (kPairs<F>) {
    for (int64_t row = 0; row < rows; row += 2)
      InterleaveRows(from + row * n, from + (row + 1) * n, n, to + row * n);
  } else {
    std::copy(from, from + rows * n, to);
  }
}

template <typename T, typename F>
void HeadAttention<T, F>::LayOut(const HeadRows<const T>& from, std::vector<F>* to) {
  for (int64_t begin = 0; begin < from.rows; begin += kBlock) {
    Gather(from, begin, &transposed_);
    PairRows(transposed_.data(), kBlock, depth_, At(*to, begin * depth_));
  }
}

template <typename T, typename F>
void HeadAttention<T, F>::TimesTransposed(const std::vector<F>& rows, const std::vector<F>& panels,
                                          int64_t count, float* out) {
  const PanelShape shape = {count, depth_, kBlock, depth_, kBlock, padded_};
  for (int64_t begin = 0; begin < padded_; begin += kBlock)
    Multiply(shape, rows.data(), At(panels, begin * depth_), out + begin);
}

template <typename T, typename F>
void HeadAttention<T, F>::TimesRows(const std::vector<F>& weights, const std::vector<F>& rows, int64_t count,
                                    int64_t keys) {
  for (int64_t column = 0; column < depth_; column += kBlock) {
    const PanelShape shape = {count,   RoundUp(keys, 2), std::min(kBlock, depth_ - column),
                              padded_, depth_,           depth_};
    Multiply(shape, weights.data(), At(rows, column * kWide<F>), At(result_, column));
  }
}

template <typename T, typename F>
void HeadAttention<T, F>::AddTransposed(const std::vector<F>& rows, std::vector<F>* weights, int64_t count,
                                        bool add, std::vector<float>* sums) {
  const int64_t even = RoundUp(count, 2);
  if (even > count) std::fill_n(At(*weights, count * padded_), padded_, static_cast<F>(0.0F));
  const F* factor = weights->data();
  if constexpr (kPairs<F>) {
    PairRows(rows.data(), kBlock, depth_, paired_.data());
    Transpose(paired_.data(), depth_, kBlock / 2, depth_, transposed_.data(), kBlock / 2);
    PairRows(weights->data(), even, padded_, paired_.data());
    factor = paired_.data();
  } else {
    Transpose(rows.data(), depth_, kBlock, depth_, transposed_.data(), kBlock);
  }
  const PanelShape shape = {depth_, even, kBlock, kBlock, padded_, padded_, add};
  for (int64_t begin = 0; begin < padded_; begin += kBlock)
    Multiply(shape, transposed_.data(), factor + begin * kWide<F>, At(*sums, begin));
}

template <typename T, typename F>
void HeadAttention<T, F>::Write(const std::vector<float>& sums, const HeadRows<T>& to) {
  for (int64_t begin = 0; begin < to.rows; begin += kBlock) {
    Transpose(At(sums, begin), padded_, depth_, kBlock, result_.data(), depth_);
    WriteRows(to, begin, 1.0F);
  }
}

template <typename T, typename F>
void HeadAttention<T, F>::WriteRows(const HeadRows<T>& to, int64_t begin, float factor) {
  const int64_t count = std::min(kBlock, to.rows - begin);
  for (int64_t row = 0; row < count; ++row)
    ScaleRow(At(result_, row * depth_), factor, width_, to.first + (begin + row) * to.stride);
}

template <typename T, typename F>
void HeadAttention<T, F>::Weigh(int64_t count, int64_t keys) {
  TimesTransposed(queries_, keys_transposed_, count, scores_.data());
  for (int64_t row = 0; row < count; ++row)
    sums_[row] = ExpRow(At(scores_, row * padded_), Scale(), keys, padded_, At(weights_, row * padded_));
}

template <typename T, typename F>
float HeadAttention<T, F>::Scale() const {
  return 1.0F / std::sqrt(static_cast<float>(width_));
}

template <typename T, typename F>
const float* HeadAttention<T, F>::Mask(const HeadDropout& dropout, int64_t query) {
  if (dropout.key.probability <= 0) return nullptr;
  DropoutMaskRow(dropout.key, dropout.first_row + static_cast<uint64_t>(query) * dropout.step, padded_,
                 mask_.data());
  return mask_.data();
}

template <typename T, typename F>
void HeadAttention<T, F>::Forward(const HeadRows<const T>& q, const HeadRows<const T>& k,
                                  const HeadRows<const T>& v, const HeadDropout& dropout,
                                  const HeadRows<T>& out) {
  padded_ = RoundUp(k.rows, kBlock);
  LayOutTransposed(k, &keys_transposed_);
  LayOut(v, &values_);
  const auto keep = static_cast<float>(1.0 / (1.0 - dropout.key.probability));
  for (int64_t begin = 0; begin < q.rows; begin += kBlock) {
    const int64_t count = std::min(kBlock, q.rows - begin);
    Gather(q, begin, &queries_);
    Weigh(count, k.rows);
    for (int64_t row = 0; row < count; ++row) {
      if (const float* mask = Mask(dropout, begin + row)) DropRow(mask, padded_, At(weights_, row * padded_));
    }
    TimesRows(weights_, values_, count, k.rows);
    for (int64_t row = 0; row < count; ++row)
      ScaleRow(At(result_, row * depth_), keep / sums_[row], width_, out.first + (begin + row) * out.stride);
  }
}

template <typename T, typename F>
void HeadAttention<T, F>::Backward(const HeadRows<const T>& q, const HeadRows<const T>& k,
                                   const HeadRows<const T>& v, const HeadDropout& dropout,
                                   const HeadRows<const T>& grad_out, const HeadRows<T>& grad_q,
                                   const HeadRows<T>& grad_k, const HeadRows<T>& grad_v) {
  padded_ = RoundUp(k.rows, kBlock);
  LayOutTransposed(k, &keys_transposed_);
  LayOutTransposed(v, &values_transposed_);
  LayOut(k, &keys_);
  for (int64_t begin = 0; begin < q.rows; begin += kBlock) {
    const int64_t count = std::min(kBlock, q.rows - begin);
    Gather(q, begin, &queries_);
    Gather(grad_out, begin, &gradients_);
    Weigh(count, k.rows);
    TimesTransposed(gradients_, values_transposed_, count, grad_weights_.data());
    for (int64_t row = 0; row < count; ++row) {
      const int64_t place = row * padded_;
      SoftmaxGradientRow({1.0F / sums_[row], Scale()}, Mask(dropout, begin + row), At(grad_weights_, place),
                         padded_, At(weights_, place), At(grad_scores_, place));
    }
    TimesRows(grad_scores_, keys_, count, k.rows);
    WriteRows(grad_q, begin, 1.0F);
    AddTransposed(queries_, &grad_scores_, count, begin > 0, &grad_keys_);
    AddTransposed(gradients_, &weights_, count, begin > 0, &grad_values_);
  }
  Write(grad_keys_, grad_k);
  Write(grad_values_, grad_v);
}

template class HeadAttention<float, float>;
template class HeadAttention<BFloat16, float>;
template class HeadAttention<BFloat16, BFloat16>;

}  // namespace bv::kernels
