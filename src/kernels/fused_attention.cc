#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "kernels/kernels.h"
#include "kernels/panel.h"
#include "kernels/rows.h"

namespace bv::kernels {
namespace {

using c10::BFloat16;

// Queries, and keys, that are multiplied at a time.
constexpr int64_t kBlock = 64;

int64_t RoundUp(int64_t n, int64_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

void Widen(const BFloat16* from, int64_t n, float* to) {
  for (int64_t i = 0; i < n; ++i) to[i] = static_cast<float>(from[i]);
}

// The attention of one head in one window. Keys and values are laid out once for all blocks of queries; the
// scores of a block of queries against all keys stay in the cache. Buffers are reused from head to head. T is
// what qkv holds, F the factors of products: bf16 where the processor multiplies pairs of them, else float.
template <typename T, typename F>
class HeadAttention {
 public:
  HeadAttention(int64_t width, int64_t most_rows)
      : width_(width),
        keys_(static_cast<size_t>(RoundUp(most_rows, kBlock) * width)),
        values_(keys_.size()),
        rows_(static_cast<size_t>(kBlock * width)),
        weights_(static_cast<size_t>(kBlock * RoundUp(most_rows, kBlock))),
        scores_(weights_.size()),
        result_(rows_.size()) {}

  // q, k, v: the head's first row in the window, rows `stride` apart; k and v have `keys` of them.
  void Run(const T* q, const T* k, const T* v, int64_t stride, int64_t rows, int64_t keys, T* out,
           int64_t out_stride) {
    for (int64_t first = 0; first < keys; first += kBlock) {
      const int64_t count = std::min(kBlock, keys - first);
      const auto place = static_cast<size_t>(first * width_);
      LayOutKeys(Gather(k + first * stride, stride, count), &keys_[place]);
      LayOutValues(Gather(v + first * stride, stride, count), &values_[place]);
    }
    for (int64_t first = 0; first < rows; first += kBlock) {
      const int64_t count = std::min(kBlock, rows - first);
      RunBlock(Gather(q + first * stride, stride, count), count, keys, out + first * out_stride, out_stride);
    }
  }

 private:
  static constexpr bool kPairs = std::is_same_v<F, BFloat16>;

  // `count` rows of the head, close together, and zeros below them.
  const F* Gather(const T* from, int64_t stride, int64_t count) {
    for (int64_t row = 0; row < count; ++row) {
      F* to = &rows_[static_cast<size_t>(row * width_)];
      if constexpr (std::is_same_v<T, F>)
        std::memcpy(to, from + row * stride, static_cast<size_t>(width_) * sizeof(T));
      else
        Widen(from + row * stride, width_, to);
    }
    std::fill(rows_.begin() + count * width_, rows_.end(), static_cast<F>(0.0F));
    return rows_.data();
  }

  // [kBlock, width] to its transpose [width, kBlock], or [width / 2, kBlock, 2].
  void LayOutKeys(const F* from, F* to) {
    const int64_t words = kPairs ? width_ / 2 : width_;
    TransposeWords(reinterpret_cast<const uint32_t*>(from), words, kBlock, words,
                   reinterpret_cast<uint32_t*>(to), kBlock);
  }

  // [kBlock, width] to itself, or to [kBlock / 2, width, 2].
  void LayOutValues(const F* from, F* to) {
    if constexpr (kPairs) {
      for (int64_t row = 0; row < kBlock; row += 2)
        InterleaveRows(from + row * width_, from + (row + 1) * width_, width_, to + row * width_);
    } else {
      std::copy(from, from + kBlock * width_, to);
    }
  }

  static void Multiply(const F* a, int64_t a_stride, const F* b, int64_t rows, int64_t depth, int64_t columns,
                       float* c, int64_t c_stride) {
    if constexpr (kPairs)
      MultiplyPairs(a, a_stride, b, rows, depth, columns, c, c_stride);
    else
      MultiplyPanel(a, a_stride, b, rows, depth, columns, c, c_stride);
  }

  void RunBlock(const F* queries, int64_t count, int64_t keys, T* out, int64_t out_stride) {
    const int64_t padded = RoundUp(keys, kBlock);
    for (int64_t first = 0; first < padded; first += kBlock) {
      Multiply(queries, width_, &keys_[static_cast<size_t>(first * width_)], count, width_, kBlock,
               scores_.data() + first, padded);
    }
    const float scale = 1.0F / std::sqrt(static_cast<float>(width_));
    const int64_t even = RoundUp(keys, 2);
    float sums[kBlock];
    for (int64_t row = 0; row < count; ++row) {
      const auto place = static_cast<size_t>(row * padded);
      sums[row] = ExpRow(&scores_[place], scale, keys, padded, &weights_[place]);
    }
    Multiply(weights_.data(), padded, values_.data(), count, even, width_, result_.data(), width_);
    for (int64_t row = 0; row < count; ++row)
      ScaleRow(&result_[static_cast<size_t>(row * width_)], 1.0F / sums[row], width_, out + row * out_stride);
  }

  int64_t width_;
  std::vector<F> keys_, values_, rows_, weights_;
  std::vector<float> scores_, result_;
};

template <typename T, typename F>
void Run(const at::Tensor& qkv, std::span<const int64_t> offsets, std::span<const int64_t> keys,
         int64_t heads, at::Tensor* out) {
  const int64_t hidden = qkv.size(1) / 3, width = hidden / heads, stride = qkv.size(1);
  const auto windows = static_cast<int64_t>(offsets.size()) - 1;
  int64_t most_rows = 1;
  for (int64_t w = 0; w < windows; ++w)
    most_rows = std::max(most_rows, offsets[static_cast<size_t>(w) + 1] - offsets[static_cast<size_t>(w)]);
  const T* from = qkv.const_data_ptr<T>();
  T* to = out->mutable_data_ptr<T>();
  at::parallel_for(0, windows * heads, 1, [&](int64_t begin, int64_t end) {
    HeadAttention<T, F> attention(width, most_rows);
    for (int64_t i = begin; i < end; ++i) {
      const auto window = static_cast<size_t>(i / heads);
      const int64_t column = i % heads * width, first = offsets[window], rows = offsets[window + 1] - first;
      if (rows == 0) continue;
      const T* q = from + first * stride + column;
      attention.Run(q, q + hidden, q + 2 * hidden, stride, rows, keys.empty() ? rows : keys[window],
                    to + first * hidden + column, hidden);
    }
  });
}

}  // namespace

bool CanFuseAttention(int64_t width) {
  return width % 16 == 0 && width <= kBlock;
}

void FusedAttention(const at::Tensor& qkv, std::span<const int64_t> offsets, std::span<const int64_t> keys,
                    int64_t heads, at::Tensor* out) {
  if (qkv.scalar_type() != at::kBFloat16)
    Run<float, float>(qkv, offsets, keys, heads, out);
  else if (HasPairProducts())
    Run<BFloat16, BFloat16>(qkv, offsets, keys, heads, out);
  else
    Run<BFloat16, float>(qkv, offsets, keys, heads, out);
}

}  // namespace bv::kernels
