// Where head trainers get hidden states from: packed batches, from a store or straight from a backbone. Not a
// place for heads or losses. One owner at a time; not thread-safe.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace bv {

// The windows of one batch end to end: N tokens in all, B windows, L states (embeddings first), H wide. Where
// states are [CLS] rows, each window is one token.
struct StateBatch {
  at::Tensor states;             // [N, L, H], f32, bf16 or f16
  at::Tensor offsets;            // [B + 1] i64, CPU: tokens offsets[b] to offsets[b+1] are window b
  at::Tensor start, end;         // [B] i64: label pieces within the window; 0, 0 = [CLS]
  at::Tensor target;             // [B] f32: class or value of each window; undefined for spans
  std::vector<int64_t> windows;  // [B] index of each window in the source
};

// How one epoch is read. The same request gives the same batches, always.
struct EpochRequest {
  int64_t batch_size = 16;
  bool shuffle = false;
  uint64_t seed = 0;  // with the epoch number, decides the order of a shuffled epoch
  int64_t epoch = 0;
  int64_t skip_batches = 0;  // batches at the front that are not wanted: a resumed run was past them
};

class StateSource {
 public:
  virtual ~StateSource() = default;
  // From now on only windows w with keep[w] are given, in the order they have among all; windows() counts
  // them alone. keep has an entry per window. Not while an epoch is read.
  virtual void KeepOnly(std::vector<bool> keep) = 0;
  // Starts an epoch over all windows; may be called before an epoch has ended.
  virtual void StartEpoch(const EpochRequest& request) = 0;
  // Fills *batch with the next batch_size windows (fewer in the last one); false when the epoch is over.
  virtual bool Next(StateBatch* batch) = 0;

  virtual int64_t windows() const = 0;
  virtual int64_t tokens() const = 0;  // of the windows that are given, or about so many
  virtual int64_t layers() const = 0;  // L
  virtual int64_t hidden() const = 0;  // H
};

}  // namespace bv
