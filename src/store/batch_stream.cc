#include "store/batch_stream.h"

#include <algorithm>

#include "base/error.h"
#include "base/rng.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr int64_t kPrefetchStep = int64_t{8} << 20;

void CheckOptions(const StreamOptions& options, const StoreReader& reader) {
  const auto require = [](bool holds, const char* what, int64_t value) {
    if (!holds) throw Error(ErrorKind::kUsage, Cat(what, " ", value, " is out of range"));
  };
  require(options.batch_size >= 1, "batch size", options.batch_size);
  require(options.max_tokens >= 0, "tokens of a batch", options.max_tokens);
  require(options.skip_windows >= 0, "windows to skip", options.skip_windows);
  require(options.group_bytes >= 1, "bytes of a shuffled group", options.group_bytes);
  require(options.queue >= 1, "batches ready ahead", options.queue);
  for (const int64_t layer : options.layers) {
    require(layer >= 0 && layer < reader.layers(),
            Cat("of ", reader.layers(), " states in the store, number").c_str(), layer);
  }
}

}  // namespace

BatchStream::BatchStream(const StoreReader& reader, const StreamOptions& options)
    : reader_(reader),
      options_(options),
      seed_(Mix64(options.seed, static_cast<uint64_t>(options.epoch))),
      groups_(GroupShards(reader.index(), options.shuffle, seed_, options.group_bytes)),
      to_skip_(options.skip_windows) {
  CheckOptions(options, reader);
  thread_ = std::thread([this] { Run(); });
}

BatchStream::~BatchStream() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool BatchStream::Next(StoreBatch* batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !ready_.empty() || done_; });
  if (ready_.empty()) {
    if (failure_) std::rethrow_exception(failure_);
    return false;
  }
  *batch = std::move(ready_.front());
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return true;
}

void BatchStream::Run() {
  std::exception_ptr failure;
  try {
    size_t number = 0;
    while (!options_.keep && number < groups_.size() && groups_[number].windows <= to_skip_)
      to_skip_ -= groups_[number++].windows;
    OpenGroup open = Open(number);
    PrefetchUpTo(&open, INT64_MAX);
    bool wanted = true;
    for (; wanted && number < groups_.size(); ++number) {
      OpenGroup next = Open(number + 1);
      wanted = ReadGroup(groups_[number], open, &next);
      open = std::move(next);
    }
    if (wanted && !pending_.empty()) Emit();
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  failure_ = failure;
  done_ = true;
  changed_.notify_all();
}

BatchStream::OpenGroup BatchStream::Open(size_t number) const {
  OpenGroup open;
  if (number >= groups_.size()) return open;
  for (const int64_t shard : groups_[number].shards) open.shards[shard] = reader_.Shard(shard);
  return open;
}

// Asks for the group's bytes up to a total of `bytes`, in steps worth a system call.
void BatchStream::PrefetchUpTo(OpenGroup* group, int64_t bytes) const {
  if (bytes - group->prefetched < kPrefetchStep) return;
  int64_t begin = 0;
  for (const auto& [number, shard] : group->shards) {
    const int64_t size = reader_.index().shards[static_cast<size_t>(number)].bytes;
    const int64_t from = std::max<int64_t>(group->prefetched - begin, 0);
    const int64_t to = std::min(bytes - begin, size);
    if (to > from) shard->Prefetch(from, to - from);
    begin += size;
  }
  group->prefetched = std::min(bytes, begin);
}

bool BatchStream::ReadGroup(const ShardGroup& group, const OpenGroup& open, OpenGroup* next) {
  int64_t next_bytes = 0;
  for (const auto& [number, shard] : next->shards)
    next_bytes += reader_.index().shards[static_cast<size_t>(number)].bytes;
  const auto places = OrderWindows(reader_.index(), group, options_.shuffle, seed_);
  for (size_t i = 0; i < places.size(); ++i) {
    WindowSource source = {open.shards.at(places[i].shard), places[i].row};
    if (Wanted(source) && !Take(std::move(source))) return false;
    const double share = static_cast<double>(i + 1) / static_cast<double>(places.size());
    PrefetchUpTo(next, static_cast<int64_t>(share * static_cast<double>(next_bytes)));
  }
  return true;
}

// Counts down the windows to skip.
bool BatchStream::Wanted(const WindowSource& source) {
  if (options_.keep) {
    const auto number =
        static_cast<size_t>(source.shard->tensors().window.const_data_ptr<int32_t>()[source.row]);
    if (number >= options_.keep->size() || !(*options_.keep)[number]) return false;
  }
  if (to_skip_ == 0) return true;
  --to_skip_;
  return false;
}

bool BatchStream::Take(WindowSource source) {
  const int64_t tokens = source.tokens();
  const bool over = options_.max_tokens > 0 && pending_tokens_ + tokens > options_.max_tokens;
  if (over && !pending_.empty() && !Emit()) return false;
  pending_.push_back(std::move(source));
  pending_tokens_ += tokens;
  return static_cast<int64_t>(pending_.size()) < options_.batch_size || Emit();
}

// Hands the pending batch to the caller; false when the caller wants no more.
bool BatchStream::Emit() {
  StoreBatch batch = GatherWindows(pending_, options_.dtype, options_.layers);
  pending_.clear();
  pending_tokens_ = 0;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stop_ || static_cast<int64_t>(ready_.size()) < options_.queue; });
  if (stop_) return false;
  ready_.push_back(std::move(batch));
  lock.unlock();
  changed_.notify_all();
  return true;
}

}  // namespace bv
