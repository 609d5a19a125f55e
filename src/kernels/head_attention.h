// Attention of one head in one window, and its way back, by blocks of queries whose scores stay in the cache
// (as FlashAttention, Dao et al. 2022, but all keys of a window fit, so no row is rescaled). Nothing is kept
// from the way there but its inputs. One owner; buffers are reused from head to head.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>
#include <vector>

#include "kernels/kernels.h"

namespace bv::kernels {

// The rows of one head of a matrix [N, columns]: `rows` of them, `stride` numbers apart.
template <typename T>
struct HeadRows {
  T* first;
  int64_t stride, rows;
};

// Where a head's dropout mask stands: query i has row first_row + i * step of the key.
struct HeadDropout {
  DropoutKey key;
  uint64_t first_row = 0, step = 1;
};

// T: what the matrices hold. F: the factors of products: BFloat16 where the processor multiplies pairs of
// them and T is bf16, else float.
template <typename T, typename F>
class HeadAttention {
 public:
  // width: of a head. most_rows: of the longest window.
  HeadAttention(int64_t width, int64_t most_rows);

  // k and v have the rows that are looked at; out as many as q.
  void Forward(const HeadRows<const T>& q, const HeadRows<const T>& k, const HeadRows<const T>& v,
               const HeadDropout& dropout, const HeadRows<T>& out);
  // From the gradient by `out` to those by q, k and v.
  void Backward(const HeadRows<const T>& q, const HeadRows<const T>& k, const HeadRows<const T>& v,
                const HeadDropout& dropout, const HeadRows<const T>& grad_out, const HeadRows<T>& grad_q,
                const HeadRows<T>& grad_k, const HeadRows<T>& grad_v);

 private:
  static constexpr int64_t kBlock = 64;

  // Rows [begin, begin + kBlock) close together, as wide as depth_, zeros where there are none.
  void Gather(const HeadRows<const T>& from, int64_t begin, std::vector<F>* to);
  // All rows, transposed, in panels of kBlock columns: [depth, kBlock] or [depth / 2, kBlock, 2].
  void LayOutTransposed(const HeadRows<const T>& from, std::vector<F>* to);
  // All rows as the second factor of a product: [rows, depth] or [rows / 2, depth, 2].
  void LayOut(const HeadRows<const T>& from, std::vector<F>* to);
  // `rows` rows of n numbers each as a second factor.
  void PairRows(const F* from, int64_t rows, int64_t n, F* to);
  // queries_ against all keys: exponentials of the scores in weights_, their sums in sums_.
  void Weigh(int64_t count, int64_t keys);
  // [count, depth] by transposed panels to [count, padded].
  void TimesTransposed(const std::vector<F>& rows, const std::vector<F>& panels, int64_t count, float* out);
  // [count, keys] by [keys, depth] to result_ [count, depth].
  void TimesRows(const std::vector<F>& weights, const std::vector<F>& rows, int64_t count, int64_t keys);
  // sums [depth, padded] (+)= the transpose of rows [count, depth] by weights [count, padded].
  void AddTransposed(const std::vector<F>& rows, std::vector<F>* weights, int64_t count, bool add,
                     std::vector<float>* sums);
  // The transpose of sums [depth, padded].
  void Write(const std::vector<float>& sums, const HeadRows<T>& to);
  // factor * result_
  void WriteRows(const HeadRows<T>& to, int64_t begin, float factor);
  // Of scores, before the softmax.
  float Scale() const;
  // Of one query's weights; null without dropout.
  const float* Mask(const HeadDropout& dropout, int64_t query);

  int64_t width_, depth_;  // depth_: width_ rounded up to 16
  int64_t padded_ = 0;     // keys of the window at hand, rounded up to kBlock
  std::vector<F> keys_transposed_, values_transposed_, keys_, values_;
  std::vector<F> queries_, gradients_, weights_, grad_scores_, transposed_, paired_;
  std::vector<float> scores_, grad_weights_, result_, grad_keys_, grad_values_, mask_;
  float sums_[kBlock];
};

extern template class HeadAttention<float, float>;
extern template class HeadAttention<c10::BFloat16, float>;
extern template class HeadAttention<c10::BFloat16, c10::BFloat16>;

}  // namespace bv::kernels
