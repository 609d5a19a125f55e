// One shard of a store, mapped and checked: whatever it gives out is inside the file and inside the windows,
// whoever wrote it. Immutable, so safe from any thread. What a checksum finds is verify_store.h's matter.
#pragma once

#include "store/store_batch.h"
#include "store/store_index.h"
#include "tensorfile/tensor_file.h"

namespace bv {

at::ScalarType CodecType(Codec codec);

class StoreShard {
 public:
  // Maps the shard and reads its small tensors, not its states. Errors: kData for a shard of another store,
  // or one whose tensors contradict each other or the index.
  StoreShard(const fs::path& folder, const StoreIndex& index, int64_t number);

  // Views of the map that keep it alive; see TensorFile::Get.
  const StoreBatch& tensors() const { return tensors_; }
  int64_t windows() const { return tensors_.windows(); }
  // Asks the kernel for `bytes` of the file from `offset` on, ahead of their use.
  void Prefetch(int64_t offset, int64_t bytes) const;

 private:
  TensorFile file_;
  StoreBatch tensors_;
};

}  // namespace bv
