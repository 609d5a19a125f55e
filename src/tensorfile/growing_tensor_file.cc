#include "tensorfile/growing_tensor_file.h"

#include "base/error.h"
#include "base/strings.h"
#include "tensorfile/tensor_layout.h"

namespace bv {
namespace {

// A page: enough for some forty tensors, and the rows start on a page boundary.
constexpr size_t kHeaderSpace = 4096;

}  // namespace

GrowingTensorFile::GrowingTensorFile(const fs::path& path, std::string name, at::ScalarType dtype,
                                     std::vector<int64_t> row_shape,
                                     std::map<std::string, std::string> metadata)
    : path_(path),
      file_(path),
      dtype_(dtype),
      row_shape_(std::move(row_shape)),
      metadata_(std::move(metadata)) {
  entries_.push_back({std::move(name), DtypeOf(dtype), {}, 0, 0});
  file_.Write(std::string(kHeaderSpace, ' '));
}

void GrowingTensorFile::Append(const at::Tensor& rows) {
  if (rows.dim() < 1 || rows.sizes().slice(1) != at::IntArrayRef(row_shape_) ||
      rows.scalar_type() != dtype_) {
    throw Error(ErrorKind::kInternal,
                Cat(path_.string(), ": rows ", rows.sizes(), " of ", c10::toString(rows.scalar_type()),
                    " do not fit rows of ", at::IntArrayRef(row_shape_), " of ", c10::toString(dtype_)));
  }
  const at::Tensor plain = rows.detach().cpu().contiguous();
  file_.Write(plain.const_data_ptr(), plain.nbytes());
  rows_ += plain.size(0);
}

void GrowingTensorFile::Finish(const std::vector<NamedTensor>& others) {
  TensorEntry& growing = entries_.front();
  growing.shape = row_shape_;
  growing.shape.insert(growing.shape.begin(), rows_);
  growing.end = TensorBytes(growing.dtype, growing.shape);
  if (const int64_t over = growing.end % 8; over != 0) {
    const int64_t padding = 8 - over;
    file_.Write(std::string(static_cast<size_t>(padding), '\0'));
    entries_.push_back({"padding", Dtype::kU8, {padding}, entries_[0].end, entries_[0].end + padding});
  }
  const TensorLayout layout = LayOutTensors(others, entries_.back().end);
  entries_.insert(entries_.end(), layout.entries.begin(), layout.entries.end());
  RequireUniqueNames(entries_, path_.string());
  WriteTensorData(others, layout.order, &file_);
  const std::string header = FormatTensorHeader(entries_, metadata_, kHeaderSpace);
  if (header.size() != kHeaderSpace) {
    throw Error(ErrorKind::kInternal, Cat(path_.string(), ": the header takes ", header.size(), " bytes, ",
                                          kHeaderSpace, " were reserved"));
  }
  file_.WriteAt(0, header.data(), header.size());
  file_.Commit();
}

}  // namespace bv
