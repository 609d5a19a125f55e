#include <ATen/Parallel.h>

#include "kernels/kernels.h"
#include "kernels/rows.h"

namespace bv::kernels {
namespace {

// Rows that are worth a thread.
constexpr int64_t kRowsOfAThread = 64;

// body(row, sums) for every row, with scratch for one row of n sums.
template <typename Body>
void ForEachRow(int64_t rows, int64_t n, const Body& body) {
  at::parallel_for(0, rows, kRowsOfAThread, [&](int64_t begin, int64_t end) {
    std::vector<float> sums(static_cast<size_t>(n));
    for (int64_t row = begin; row < end; ++row) body(row, sums.data());
  });
}

NormRow RowOf(const NormParameters& norm) {
  return {norm.weight.const_data_ptr<float>(), norm.bias.const_data_ptr<float>(),
          static_cast<float>(norm.epsilon)};
}

template <typename T>
void Normalize(const at::Tensor& x, const at::Tensor& residual, const NormRow& norm, int64_t rows,
               at::Tensor* out) {
  const int64_t n = x.size(1);
  const T *a = x.const_data_ptr<T>(), *b = residual.const_data_ptr<T>();
  T* to = out->mutable_data_ptr<T>();
  ForEachRow(rows, n, [&](int64_t row, float* sums) {
    NormalizeSum(a + row * n, b + row * n, static_cast<const T*>(nullptr), norm, n, sums, to + row * n);
  });
}

template <typename T>
void Embed(const at::Tensor& word, const at::Tensor& type, const at::Tensor& position,
           std::span<const int64_t> ids, std::span<const int64_t> type_ids,
           std::span<const int64_t> positions, const NormRow& norm, at::Tensor* out) {
  const int64_t n = word.size(1);
  const T *words = word.const_data_ptr<T>(), *types = type.const_data_ptr<T>(),
          *places = position.const_data_ptr<T>();
  T* to = out->mutable_data_ptr<T>();
  ForEachRow(static_cast<int64_t>(ids.size()), n, [&](int64_t row, float* sums) {
    const auto i = static_cast<size_t>(row);
    NormalizeSum(words + ids[i] * n, types + type_ids[i] * n, places + positions[i] * n, norm, n, sums,
                 to + row * n);
  });
}

}  // namespace

void FusedResidualLayerNorm(const at::Tensor& x, const at::Tensor& residual, const NormParameters& norm,
                            int64_t rows, at::Tensor* out) {
  if (x.scalar_type() == at::kBFloat16)
    Normalize<c10::BFloat16>(x, residual, RowOf(norm), rows, out);
  else
    Normalize<float>(x, residual, RowOf(norm), rows, out);
}

void FusedEmbedding(const at::Tensor& word, const at::Tensor& type, const at::Tensor& position,
                    std::span<const int64_t> ids, std::span<const int64_t> type_ids,
                    std::span<const int64_t> positions, const NormParameters& norm, at::Tensor* out) {
  if (word.scalar_type() == at::kBFloat16)
    Embed<c10::BFloat16>(word, type, position, ids, type_ids, positions, RowOf(norm), out);
  else
    Embed<float>(word, type, position, ids, type_ids, positions, RowOf(norm), out);
}

}  // namespace bv::kernels
