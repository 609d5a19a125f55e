// States from a store, as head training wants them. One owner at a time.
#pragma once

#include <memory>

#include "states/state_source.h"
#include "store/batch_stream.h"
#include "store/store_reader.h"

namespace bv {

class StoreSource : public StateSource {
 public:
  // The reader must outlive the source.
  explicit StoreSource(const StoreReader& reader) : reader_(reader) {}

  void StartEpoch(const EpochRequest& request) override;
  bool Next(StateBatch* batch) override;
  int64_t windows() const override { return reader_.windows(); }
  int64_t tokens() const override { return reader_.info().tokens; }
  int64_t layers() const override { return reader_.layers(); }
  int64_t hidden() const override { return reader_.hidden(); }
  // What the store holds beside the states of the last batch: examples, ranges, …
  const StoreBatch& last() const { return last_; }

 private:
  const StoreReader& reader_;
  std::unique_ptr<BatchStream> stream_;
  StoreBatch last_;
};

}  // namespace bv
