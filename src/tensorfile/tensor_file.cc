#include "tensorfile/tensor_file.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/isfinite.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "base/file.h"
#include "base/strings.h"
#include "tensorfile/tensor_layout.h"

namespace bv {
namespace {

constexpr std::array<std::pair<Dtype, at::ScalarType>, 10> kScalarTypes = {{{Dtype::kF64, at::kDouble},
                                                                            {Dtype::kF32, at::kFloat},
                                                                            {Dtype::kF16, at::kHalf},
                                                                            {Dtype::kBf16, at::kBFloat16},
                                                                            {Dtype::kI64, at::kLong},
                                                                            {Dtype::kI32, at::kInt},
                                                                            {Dtype::kI16, at::kShort},
                                                                            {Dtype::kI8, at::kChar},
                                                                            {Dtype::kU8, at::kByte},
                                                                            {Dtype::kBool, at::kBool}}};

// NaN and infinities are the numbers whose exponent has all bits set.
template <typename Bits>
bool AllFiniteBits(const void* data, int64_t count, Bits exponent) {
  const auto* bits = static_cast<const Bits*>(data);
  // An "or" over all instead of an early return, so that the loop is vectorised.
  Bits bad = 0;
  for (int64_t i = 0; i < count; ++i) bad |= static_cast<Bits>((bits[i] & exponent) == exponent);
  return bad == 0;
}

}  // namespace

Dtype DtypeOf(at::ScalarType type) {
  for (const auto& [dtype, scalar] : kScalarTypes) {
    if (scalar == type) return dtype;
  }
  throw Error(ErrorKind::kUnsupported,
              Cat("tensors of type ", c10::toString(type), " cannot be written to safetensors"));
}

at::ScalarType ScalarTypeOf(Dtype dtype) {
  return kScalarTypes[static_cast<size_t>(dtype)].second;
}

TensorFile::TensorFile(const std::filesystem::path& path)
    : path_(path),
      map_(std::make_shared<MappedFile>(path)),
      header_(ParseTensorHeader(map_->bytes(), path.string())) {
  for (const TensorEntry& entry : header_.tensors) {
    index_[entry.name] = names_.size();
    names_.push_back(entry.name);
  }
}

const TensorEntry& TensorFile::Entry(const std::string& name) const {
  const auto found = index_.find(name);
  if (found == index_.end()) {
    throw DataError(path_.string(), Cat("there is no tensor ", Quoted(name), "; the nearest names are ",
                                        Join(Nearest(name, names_), ", ")));
  }
  return header_.tensors[found->second];
}

at::Tensor TensorFile::Get(const std::string& name) const {
  const TensorEntry& entry = Entry(name);
  const at::TensorOptions options(ScalarTypeOf(entry.dtype));
  const auto bytes = static_cast<size_t>(entry.end - entry.begin);
  if (bytes == 0) return at::empty(entry.shape, options);
  const std::byte* data = map_->bytes().data() + header_.data_begin + entry.begin;
  if (entry.dtype == Dtype::kBool &&
      std::any_of(data, data + bytes, [](std::byte value) { return value > std::byte{1}; })) {
    throw DataError(path_.string(),
                    Cat("tensor ", Quoted(name), ": BOOL bytes other than 0 and 1; the file is damaged"));
  }
  if (reinterpret_cast<uintptr_t>(data) % static_cast<uintptr_t>(DtypeBytes(entry.dtype)) != 0) {
    at::Tensor copy = at::empty(entry.shape, options);
    std::memcpy(copy.mutable_data_ptr(), data, bytes);
    return copy;
  }
  return at::from_blob(
      const_cast<std::byte*>(data), entry.shape, [map = map_](void*) {}, options);
}

void WriteTensorFile(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                     const std::map<std::string, std::string>& metadata) {
  const TensorLayout layout = LayOutTensors(tensors, 0);
  RequireUniqueNames(layout.entries, path.string());
  AtomicFile file(path);
  file.Write(FormatTensorHeader(layout.entries, metadata));
  WriteTensorData(tensors, layout.order, &file);
  file.Commit();
}

bool AllFinite(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().cpu().contiguous();
  const void* data = plain.const_data_ptr();
  switch (plain.scalar_type()) {
    case at::kDouble:
      return AllFiniteBits<uint64_t>(data, plain.numel(), 0x7FF0'0000'0000'0000);
    case at::kFloat:
      return AllFiniteBits<uint32_t>(data, plain.numel(), 0x7F80'0000);
    case at::kHalf:
      return AllFiniteBits<uint16_t>(data, plain.numel(), 0x7C00);
    case at::kBFloat16:
      return AllFiniteBits<uint16_t>(data, plain.numel(), 0x7F80);
    default:
      return true;
  }
}

void RequireFinite(const at::Tensor& tensor, const std::string& name, const std::string& file) {
  if (AllFinite(tensor)) return;
  const at::Tensor places = at::isfinite(tensor.detach()).logical_not_().flatten().nonzero();
  throw DataError(file, Cat("tensor ", Quoted(name), ": ", places.size(0), " of ", tensor.numel(),
                            " values are NaN or infinite, the first at element ", places[0].item<int64_t>(),
                            "; the file is damaged, or the training that wrote it diverged"));
}

}  // namespace bv
