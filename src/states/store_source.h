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

  void KeepOnly(std::vector<bool> keep) override;
  void StartEpoch(const EpochRequest& request) override;
  bool Next(StateBatch* batch) override;
  int64_t windows() const override { return keep_ ? kept_ : reader_.windows(); }
  // Of kept windows: their share, as if they were as long as all.
  int64_t tokens() const override {
    const int64_t all = reader_.info().tokens;
    return keep_ ? static_cast<int64_t>(static_cast<double>(all) * static_cast<double>(kept_) /
                                        static_cast<double>(reader_.windows()))
                 : all;
  }
  int64_t layers() const override { return reader_.layers(); }
  int64_t hidden() const override { return reader_.hidden(); }
  // What the store holds beside the states of the last batch: examples, ranges, …
  const StoreBatch& last() const { return last_; }

 private:
  const StoreReader& reader_;
  std::shared_ptr<const std::vector<bool>> keep_;  // null: all
  int64_t kept_ = 0;
  std::unique_ptr<BatchStream> stream_;
  StoreBatch last_;
};

}  // namespace bv
