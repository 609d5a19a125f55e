// One shard of a store, mapped and checked: whatever it gives out is inside the file and inside the windows,
// whoever wrote it. Immutable, so safe from any thread. What a checksum finds is verify_store.h's matter.
#pragma once

#include "store/int8_states.h"
#include "store/store_batch.h"
#include "store/store_index.h"
#include "tensorfile/tensor_file.h"

namespace bv {

// Of the numbers in the file, and of states that are read without a wish.
at::ScalarType CodecType(Codec codec);
at::ScalarType StateType(Codec codec);

class StoreShard {
 public:
  // Maps the shard and reads its small tensors, not its states. Errors: kData for a shard of another store,
  // or one whose tensors contradict each other or the index.
  StoreShard(const fs::path& folder, const StoreIndex& index, int64_t number);

  // Views of the map that keep it alive; see TensorFile::Get. Of int8 shards the states are undefined.
  const StoreBatch& tensors() const { return tensors_; }
  // Of int8 shards, else undefined.
  const Int8States& int8() const { return int8_; }
  int64_t windows() const { return tensors_.windows(); }
  int64_t layers() const { return layers_; }
  int64_t hidden() const { return hidden_; }
  at::ScalarType state_type() const { return state_type_; }
  // Asks the kernel for `bytes` of the file from `offset` on, ahead of their use.
  void Prefetch(int64_t offset, int64_t bytes) const;

 private:
  TensorFile file_;
  StoreBatch tensors_;
  Int8States int8_;
  int64_t layers_, hidden_;
  at::ScalarType state_type_;
};

}  // namespace bv
