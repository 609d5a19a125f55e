#include "store/store_shard.h"

#include <ATen/core/TensorAccessor.h>

#include <cmath>

#include "base/error.h"
#include "base/strings.h"
#include "store/index_json.h"

namespace bv {
namespace {

// A tensor that must have this dtype and shape.
at::Tensor Require(const TensorFile& file, const char* name, Dtype dtype, const std::vector<int64_t>& shape) {
  const TensorEntry& entry = file.Entry(name);
  if (entry.dtype != dtype || entry.shape != shape) {
    throw DataError(file.path().string(),
                    Cat("tensor '", name, "' is ", DtypeName(entry.dtype), " ", at::IntArrayRef(entry.shape),
                        ", ", DtypeName(dtype), " ", at::IntArrayRef(shape), " is needed"));
  }
  return file.Get(name);
}

void CheckOrigin(const TensorFile& file, const StoreIndex& index, int64_t number) {
  const auto value = [&](const char* key) {
    const auto found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string() : found->second;
  };
  if (value("store") != HeadHash(index) || value("shard") != std::to_string(number)) {
    throw DataError(file.path().string(),
                    "this shard belongs to another store or has another number; were the "
                    "files of two stores mixed?");
  }
}

Error Contradiction(const TensorFile& file, const char* tensor, int64_t window) {
  return DataError(file.path().string(), Cat("tensor '", tensor, "' is out of range at window ", window,
                                             " of the shard; the file is damaged"));
}

// Everything that is used as an index later lies inside what it points into.
void CheckTargets(const TensorFile& file, const at::Tensor& targets, const Task& task) {
  const auto target = targets.accessor<float, 1>();
  const bool classes = task.kind != TaskKind::kRegression;
  for (int64_t i = 0; i < targets.size(0); ++i) {
    const auto last = static_cast<float>(task.outputs() - 1);
    const bool fits = classes ? target[i] >= 0 && target[i] <= last && std::floor(target[i]) == target[i]
                              : std::isfinite(target[i]);
    if (!fits) throw Contradiction(file, "target", i);
  }
}

void CheckNumbers(const TensorFile& file, const StoreBatch& batch, const StoreIndex& index) {
  const auto offsets = batch.offsets.accessor<int64_t, 1>();
  const auto window = batch.window.accessor<int32_t, 1>();
  const auto example = batch.example.accessor<int32_t, 1>();
  const auto labels = batch.labels.accessor<int32_t, 2>();
  const auto context = batch.context.accessor<int32_t, 2>();
  if (offsets[0] != 0 || offsets[batch.windows()] != batch.input_ids.size(0))
    throw Contradiction(file, "offsets", 0);
  for (int64_t i = 0; i < batch.windows(); ++i) {
    if (offsets[i + 1] <= offsets[i] || offsets[i + 1] > batch.input_ids.size(0))
      throw Contradiction(file, "offsets", i);
    const int64_t length = offsets[i + 1] - offsets[i];
    if (window[i] < 0 || window[i] >= index.info.windows) throw Contradiction(file, "window", i);
    if (example[i] < 0 || example[i] >= index.examples.examples) throw Contradiction(file, "example", i);
    const bool label_fits = 0 <= labels[i][0] && labels[i][0] <= labels[i][1] && labels[i][1] < length;
    if (!label_fits) throw Contradiction(file, "labels", i);
    const bool context_fits = 0 <= context[i][0] && context[i][0] <= context[i][1] && context[i][1] <= length;
    if (!context_fits) throw Contradiction(file, "context", i);
  }
  const auto ranges = batch.ranges.accessor<int32_t, 2>();
  for (int64_t i = 0; i < ranges.size(0); ++i) {
    if (ranges[i][0] < 0 || ranges[i][1] < ranges[i][0]) {
      throw DataError(file.path().string(),
                      Cat("tensor 'ranges' is out of range at token ", i, "; the file is damaged"));
    }
  }
}

}  // namespace

at::ScalarType CodecType(Codec codec) {
  return codec == Codec::kInt8 ? at::kChar : StateType(codec);
}

at::ScalarType StateType(Codec codec) {
  if (codec == Codec::kF32) return at::kFloat;
  return codec == Codec::kF16 ? at::kHalf : at::kBFloat16;
}

StoreShard::StoreShard(const fs::path& folder, const StoreIndex& index, int64_t number)
    : file_(folder / index.shards[static_cast<size_t>(number)].file),
      layers_(static_cast<int64_t>(index.info.layers.size())),
      hidden_(index.info.hidden),
      state_type_(StateType(index.info.codec)) {
  const ShardEntry& entry = index.shards[static_cast<size_t>(number)];
  CheckOrigin(file_, index, number);
  const int64_t n = entry.tokens;
  const int64_t b = entry.windows;
  tensors_ = {.states = Require(file_, "states", DtypeOf(CodecType(index.info.codec)), {n, layers_, hidden_}),
              .offsets = Require(file_, "offsets", Dtype::kI64, {b + 1}),
              .input_ids = Require(file_, "input_ids", Dtype::kI32, {n}),
              .token_type_ids = Require(file_, "token_type_ids", Dtype::kU8, {n}),
              .ranges = Require(file_, "ranges", Dtype::kI32, {n, 2}),
              .window = Require(file_, "window", Dtype::kI32, {b}),
              .example = Require(file_, "example", Dtype::kI32, {b}),
              .labels = Require(file_, "labels", Dtype::kI32, {b, 2}),
              .target = {},
              .context = Require(file_, "context", Dtype::kI32, {b, 2})};
  CheckNumbers(file_, tensors_, index);
  if (index.info.codec == Codec::kInt8) {
    int8_ = {.values = tensors_.states,
             .token_scale = Require(file_, "token_scale", Dtype::kF32, {n, layers_}),
             .channel_scale = Require(file_, "channel_scale", Dtype::kF32, {layers_, hidden_})};
    tensors_.states = at::Tensor();
  }
  if (!index.info.task.of_spans()) {
    tensors_.target = Require(file_, "target", Dtype::kF32, {b});
    CheckTargets(file_, tensors_.target, index.info.task);
  }
}

void StoreShard::Prefetch(int64_t offset, int64_t bytes) const {
  file_.map().Prefetch(static_cast<size_t>(offset), static_cast<size_t>(bytes));
}

}  // namespace bv
