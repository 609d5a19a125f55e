#include "tensorfile/tensor_layout.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace bv {

TensorLayout LayOutTensors(const std::vector<NamedTensor>& tensors, int64_t begin) {
  TensorLayout layout;
  layout.entries.resize(tensors.size());
  layout.order.resize(tensors.size());
  std::iota(layout.order.begin(), layout.order.end(), size_t{0});
  std::stable_sort(layout.order.begin(), layout.order.end(), [&](size_t a, size_t b) {
    return tensors[a].tensor.element_size() > tensors[b].tensor.element_size();
  });
  for (const size_t i : layout.order) {
    const at::Tensor& tensor = tensors[i].tensor;
    TensorEntry& entry = layout.entries[i];
    entry = {tensors[i].name, DtypeOf(tensor.scalar_type()), tensor.sizes().vec(), begin, begin};
    entry.end += TensorBytes(entry.dtype, entry.shape);
    begin = entry.end;
  }
  return layout;
}

void WriteTensorData(const std::vector<NamedTensor>& tensors, const std::vector<size_t>& order,
                     AtomicFile* file) {
  for (const size_t i : order) {
    const at::Tensor plain = tensors[i].tensor.detach().cpu().contiguous();
    if (plain.nbytes() > 0) file->Write(plain.const_data_ptr(), plain.nbytes());
  }
}

void RequireUniqueNames(const std::vector<TensorEntry>& entries, const std::string& file) {
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const TensorEntry& entry : entries) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) {
    throw Error(ErrorKind::kInternal, Cat(file, ": tensor ", Quoted(*twice), " is given twice"));
  }
}

}  // namespace bv
