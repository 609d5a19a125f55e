#include "store/store_writer.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/hash.h"
#include "base/mapped_file.h"
#include "base/strings.h"
#include "base/version.h"
#include "store/examples_file.h"
#include "store/index_json.h"
#include "store/store_shard.h"

namespace bv {
namespace {

void CheckInfo(const StoreInfo& info) {
  const bool rising =
      std::adjacent_find(info.layers.begin(), info.layers.end(), std::greater_equal<>()) == info.layers.end();
  if (info.layers.empty() || info.layers.front() < (info.cls_only ? kPooledState : 0) || !rising) {
    throw Error(ErrorKind::kUsage, "layers of a store: rising numbers from 0 are needed, at least one");
  }
  if (info.windows < 1 || info.tokens < info.windows || info.hidden < 1 || info.shard_bytes < 1) {
    throw Error(ErrorKind::kUsage,
                Cat("a store of ", info.windows, " windows, ", info.tokens, " tokens, width ", info.hidden,
                    " and shards of ", info.shard_bytes, " bytes: there is nothing to store"));
  }
}

// The journal is the first thing a writer makes.
void RequireOwnFolder(const fs::path& folder) {
  if (fs::exists(folder / kJournalFile)) return;
  for (const auto& entry : fs::directory_iterator(folder)) {
    throw Error(ErrorKind::kUsage,
                Cat(folder.string(), ": it holds ", Quoted(entry.path().filename().string()),
                    " and is no store; choose a new or an empty folder"));
  }
}

// Shards and leftovers that the journal does not know: they were open when the writer was killed.
void RemoveUnfinished(const fs::path& folder, const StoreIndex& index) {
  RemovePartialFiles(folder, [](const std::string& name) {
    return name == kIndexFile || name == kExamplesFile || IsShardFile(name);
  });
  std::set<std::string> finished;
  for (const ShardEntry& shard : index.shards) finished.insert(shard.file);
  std::vector<fs::path> unfinished;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (IsShardFile(name) && !finished.contains(name)) unfinished.push_back(entry.path());
  }
  for (const fs::path& path : unfinished) fs::remove(path);
}

at::Tensor Joined(const std::vector<StoreBatch>& windows, at::Tensor StoreBatch::*field) {
  std::vector<at::Tensor> parts;
  parts.reserve(windows.size());
  for (const StoreBatch& window : windows) parts.push_back(window.*field);
  return at::cat(parts);
}

void CheckBatch(const StoreBatch& batch, const StoreInfo& info) {
  const int64_t n = batch.states.size(0);
  const int64_t b = batch.windows();
  const auto layers = static_cast<int64_t>(info.layers.size());
  const auto is = [](const at::Tensor& tensor, at::ScalarType type, at::IntArrayRef sizes) {
    return tensor.is_cpu() && tensor.scalar_type() == type && tensor.sizes() == sizes;
  };
  const bool fits = batch.states.sizes() == at::IntArrayRef({n, layers, info.hidden}) &&
                    is(batch.offsets, at::kLong, {b + 1}) && is(batch.input_ids, at::kInt, {n}) &&
                    is(batch.token_type_ids, at::kByte, {n}) && is(batch.ranges, at::kInt, {n, 2}) &&
                    is(batch.window, at::kInt, {b}) && is(batch.example, at::kInt, {b}) &&
                    is(batch.labels, at::kInt, {b, 2}) && is(batch.context, at::kInt, {b, 2}) &&
                    (info.task.of_spans() || is(batch.target, at::kFloat, {b})) &&
                    batch.offsets[b].item<int64_t>() == n;
  if (!fits) {
    throw Error(ErrorKind::kInternal,
                Cat("a batch of ", b, " windows with states ", batch.states.sizes(),
                    " does not fit a store of ", layers, " layers of width ", info.hidden));
  }
}

void RequireFiniteStates(const at::Tensor& states, Codec codec) {
  if (AllFinite(states)) return;
  throw Error(ErrorKind::kData,
              Cat("the backbone's states are NaN or infinite as ", CodecName(codec),
                  codec == Codec::kF16 ? " (f16 ends at 65504); use --codec bf16, or check its weights"
                                       : "; its weights are damaged, or its training diverged"));
}

}  // namespace

StoreWriter::StoreWriter(const fs::path& folder, const StoreInfo& info, const TaskExamples& examples)
    : folder_(folder) {
  CheckInfo(info);
  index_.program = Cat("bertvision ", kVersion);
  index_.info = info;
  examples_text_ = FormatExamples(examples);
  index_.examples = {examples.size(), static_cast<int64_t>(examples_text_.size()), HashText(examples_text_)};
  seen_.resize(static_cast<size_t>(info.windows), Seen::kNo);
  MakeFolder(folder);
  if (fs::exists(folder / kIndexFile)) {
    const StoreIndex found = ReadStoreIndex(folder);
    RequireSameHead(found, index_, folder);
    CheckStoreSizes(folder, found);
    fs::remove(folder / kJournalFile);  // a kill may have come between the index and this
    index_ = found;
    complete_ = true;
    windows_there_ = info.windows;
    std::fill(seen_.begin(), seen_.end(), Seen::kEarlier);
    return;
  }
  Open();
}

StoreWriter::~StoreWriter() = default;

void StoreWriter::Open() {
  RequireOwnFolder(folder_);
  journal_ = std::make_unique<StoreJournal>(folder_, &index_);
  RemoveUnfinished(folder_, index_);
  MarkEarlierShards();
  RequireRoom();
  WriteFileAtomically(folder_ / kExamplesFile, examples_text_);
  examples_text_ = {};
}

void StoreWriter::MarkEarlierShards() {
  for (size_t i = 0; i < index_.shards.size(); ++i) {
    const StoreShard shard(folder_, index_, static_cast<int64_t>(i));
    const at::Tensor& window = shard.tensors().window;
    for (int64_t row = 0; row < shard.windows(); ++row) {
      seen_[static_cast<size_t>(window.const_data_ptr<int32_t>()[row])] = Seen::kEarlier;
    }
    windows_there_ += shard.windows();
    if (i == 0 && shard.int8().channel_scale.defined()) channel_scale_ = shard.int8().channel_scale.clone();
  }
}

void StoreWriter::RequireRoom() {
  int64_t there = 0;
  for (const ShardEntry& shard : index_.shards) there += shard.bytes;
  const int64_t needed = ForecastBytes(index_.info) + index_.examples.bytes - there;
  const int64_t free = FreeDiskBytes(folder_);
  if (needed <= free) return;
  const bool begun = !index_.shards.empty();
  // Without a shard there is nothing to go on with, and the advice below must not meet a journal of the
  // options that had no room.
  if (!begun) journal_->Remove();
  throw Error(ErrorKind::kIo,
              Cat(folder_.string(), ": the store needs ", HumanBytes(needed), begun ? " more" : "",
                  ", the disk has ", HumanBytes(free), " free; make room",
                  begun ? " and run the same command again; the finished shards stay"
                        : ", keep fewer layers, or use a smaller codec"));
}

// A failure of the disk must not sound as if all was lost.
template <typename Work>
void StoreWriter::KeepingShards(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    shard_.reset();
    if (error.kind() != ErrorKind::kIo) throw;
    throw Error(ErrorKind::kIo, Cat(error.what(), "; the ", index_.shards.size(),
                                    " finished shards stay: run the same command again to go on after them"));
  }
}

StoreWriter::Encoded StoreWriter::Encode(const at::Tensor& states) {
  const Codec codec = index_.info.codec;
  const at::ScalarType type = codec == Codec::kInt8 ? at::kFloat : CodecType(codec);
  const at::Tensor values = states.detach().to(type).cpu().contiguous();
  RequireFiniteStates(values, codec);
  if (codec != Codec::kInt8) return {values, {}};
  if (!channel_scale_.defined()) channel_scale_ = ChannelScales(values);
  const Int8States encoded = EncodeInt8(values, channel_scale_);
  return {encoded.values, encoded.token_scale};
}

void StoreWriter::Add(const StoreBatch& batch) {
  CheckBatch(batch, index_.info);
  const Encoded encoded = Encode(batch.states);
  const auto* window = batch.window.const_data_ptr<int32_t>();
  for (int64_t i = 0; i < batch.windows(); ++i) {
    if (window[i] < 0 || window[i] >= index_.info.windows ||
        seen_[static_cast<size_t>(window[i])] == Seen::kNow) {
      throw Error(ErrorKind::kInternal, Cat("window ", window[i], " of ", index_.info.windows,
                                            " is given to the store twice, or was not announced"));
    }
    Seen& seen = seen_[static_cast<size_t>(window[i])];
    if (seen == Seen::kEarlier) continue;
    seen = Seen::kNow;
    KeepingShards([&] { AddWindow(batch, encoded, i); });
  }
}

void StoreWriter::AddWindow(const StoreBatch& batch, const Encoded& encoded, int64_t number) {
  const auto* offsets = batch.offsets.const_data_ptr<int64_t>();
  const int64_t begin = offsets[number];
  const int64_t length = offsets[number + 1] - begin;
  if (shard_ && (shard_->rows() + length) * TokenBytes(index_.info) > index_.info.shard_bytes) CloseShard();
  if (!shard_) {
    const auto shard = static_cast<int64_t>(index_.shards.size());
    const std::map<std::string, std::string> metadata = {{"store", HeadHash(index_)},
                                                         {"shard", std::to_string(shard)}};
    shard_ = std::make_unique<GrowingTensorFile>(folder_ / ShardFile(shard), "states",
                                                 CodecType(index_.info.codec),
                                                 encoded.states.sizes().slice(1).vec(), metadata);
  }
  shard_->Append(encoded.states.narrow(0, begin, length));
  if (encoded.token_scale.defined())
    token_scales_.push_back(encoded.token_scale.narrow(0, begin, length).clone());
  const auto tokens = [&](const at::Tensor& tensor) { return tensor.narrow(0, begin, length).clone(); };
  const auto window = [&](const at::Tensor& tensor) { return tensor.narrow(0, number, 1).clone(); };
  small_.push_back({.states = {},
                    .offsets = at::full({1}, length, at::kLong),
                    .input_ids = tokens(batch.input_ids),
                    .token_type_ids = tokens(batch.token_type_ids),
                    .ranges = tokens(batch.ranges),
                    .window = window(batch.window),
                    .example = window(batch.example),
                    .labels = window(batch.labels),
                    .target = index_.info.task.of_spans() ? at::Tensor() : window(batch.target),
                    .context = window(batch.context)});
}

void StoreWriter::CloseShard() {
  ShardEntry entry;
  entry.file = ShardFile(static_cast<int64_t>(index_.shards.size()));
  entry.windows = static_cast<int64_t>(small_.size());
  entry.tokens = shard_->rows();
  const at::Tensor lengths = Joined(small_, &StoreBatch::offsets);
  std::vector<NamedTensor> tensors = {{"offsets", at::cat({at::zeros({1}, at::kLong), lengths.cumsum(0)})},
                                      {"input_ids", Joined(small_, &StoreBatch::input_ids)},
                                      {"token_type_ids", Joined(small_, &StoreBatch::token_type_ids)},
                                      {"ranges", Joined(small_, &StoreBatch::ranges)},
                                      {"window", Joined(small_, &StoreBatch::window)},
                                      {"example", Joined(small_, &StoreBatch::example)},
                                      {"labels", Joined(small_, &StoreBatch::labels)},
                                      {"context", Joined(small_, &StoreBatch::context)}};
  if (!index_.info.task.of_spans()) tensors.push_back({"target", Joined(small_, &StoreBatch::target)});
  if (channel_scale_.defined()) {
    tensors.push_back({"token_scale", at::cat(token_scales_)});
    tensors.push_back({"channel_scale", channel_scale_});
  }
  shard_->Finish(tensors);
  shard_.reset();
  small_.clear();
  token_scales_.clear();
  const MappedFile written(folder_ / entry.file);
  entry.bytes = static_cast<int64_t>(written.bytes().size());
  entry.xxh3 = HashBytes(written.bytes().data(), written.bytes().size());
  journal_->Add(entry);
  index_.shards.push_back(entry);
}

void StoreWriter::Finish() {
  if (complete_) return;
  const auto missing = std::count(seen_.begin(), seen_.end(), Seen::kNo);
  if (missing > 0) {
    throw Error(ErrorKind::kInternal,
                Cat(missing, " of ", index_.info.windows, " windows were not given to the store"));
  }
  KeepingShards([&] {
    if (shard_) CloseShard();
    WriteStoreIndex(folder_, index_);
  });
  journal_->Remove();
  complete_ = true;
}

}  // namespace bv
