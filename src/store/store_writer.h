// Writes a store: windows in, shards out. A killed writer loses at most the shard that was open; the next one
// with the same options goes on after the last finished shard, and the store becomes byte for byte what an
// uninterrupted run writes, provided the same windows come in the same order. One owner, not thread-safe; a
// second process that writes the same folder is refused.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/task.h"
#include "store/store_batch.h"
#include "store/store_index.h"
#include "store/store_journal.h"
#include "tensorfile/growing_tensor_file.h"

namespace bv {

class StoreWriter {
 public:
  // Creates the folder, or goes on with what is there. Errors: kUsage for values of `info` out of range,
  // a folder that holds something else, or a store begun with other options (both values are given); kIo
  // where the disk has not room for all that is still to come: the folder is then left empty, or, where
  // finished shards are in it, as it was.
  StoreWriter(const fs::path& folder, const StoreInfo& info, const TaskExamples& examples);
  ~StoreWriter();

  // The store was complete before: there is nothing to add, and Finish does nothing.
  bool complete() const { return complete_; }
  // Windows that are in finished shards of an earlier run.
  int64_t windows_there() const { return windows_there_; }
  bool Has(int64_t window) const { return seen_[static_cast<size_t>(window)] != Seen::kNo; }

  // Appends the windows of the batch in their order, in any order of numbers. Windows of an earlier run are
  // passed over, so that a batch which a kill cut in two can be given again whole. States are converted to
  // the store's codec; int8 takes its channels' scales from the first batch, which should therefore be a fair
  // sample. Errors: kInternal for shapes that do not fit or a window given twice; kData for states
  // that are not finite in the codec; kIo, and the finished shards stay. After an error the writer is of no
  // more use.
  void Add(const StoreBatch& batch);

  // Closes the last shard and writes index.json; all announced windows must have come (kInternal).
  void Finish();

  const StoreIndex& index() const { return index_; }

 private:
  enum class Seen : uint8_t { kNo, kEarlier, kNow };

  void Open();
  void MarkEarlierShards();
  void RequireRoom();
  // What is written of a batch's states; scales for int8 alone.
  struct Encoded {
    at::Tensor states;       // [N, L, H] of CodecType
    at::Tensor token_scale;  // [N, L] f32
  };
  Encoded Encode(const at::Tensor& states);
  void AddWindow(const StoreBatch& batch, const Encoded& encoded, int64_t number);
  void CloseShard();
  template <typename Work>
  void KeepingShards(const Work& work);

  fs::path folder_;
  StoreIndex index_;
  std::string examples_text_;
  std::unique_ptr<StoreJournal> journal_;
  bool complete_ = false;
  int64_t windows_there_ = 0;
  std::vector<Seen> seen_;
  std::unique_ptr<GrowingTensorFile> shard_;
  // The open shard's tensors other than states, window by window; `offsets` holds the length here.
  std::vector<StoreBatch> small_;
  std::vector<at::Tensor> token_scales_;  // likewise, for int8
  at::Tensor channel_scale_;              // of the first batch there ever was, for int8
};

}  // namespace bv
