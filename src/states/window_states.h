// States of windows, computed by a backbone: what both extraction and training straight from text do with a
// batch. Immutable once built; safe from any thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "bert/inference_encoder.h"
#include "data/task.h"
#include "features/windows.h"

namespace bv {

// The layer on the last state's [CLS] row that BERT's classification output reads: tanh(W x + b).
struct Pooler {
  at::Tensor weight, bias;  // [H, H], [H] f32; undefined where the model has none

  bool defined() const { return weight.defined(); }
  // Of the values, which the backbone's does not cover.
  uint64_t fingerprint() const;
  // rows [B, H] of any precision; [B, H] f32.
  at::Tensor operator()(const at::Tensor& rows) const;
};

// Throws kUsage where [CLS] rows are asked for and the task needs all pieces: the place of an answer.
void RequireRowsFor(const Task& task, bool cls_only);

// Undefined where the model has none.
Pooler PoolerOf(const BertWeights& weights);

class WindowStates {
 public:
  // layers: which states to keep, rising, 0 = the embedding block's; empty: all. The encoder must outlive
  // this.
  WindowStates(const InferenceEncoder& encoder, std::vector<int32_t> layers);
  // The [CLS] rows alone: each window becomes one token. Layers may begin with kPooledState; empty: all, the
  // pooled one where there is a pooler. Errors (kData): kPooledState without a pooler.
  static WindowStates OfClsRows(const InferenceEncoder& encoder, std::vector<int32_t> layers,
                                const Pooler& pooler);

  const std::vector<int32_t>& layers() const { return layers_; }
  int64_t hidden() const { return encoder_.config().hidden_size; }
  bool cls_only() const { return cls_only_; }

  struct Result {
    PackedTokens tokens;  // of the states: of [CLS] rows, the [CLS] pieces
    at::Tensor states;    // [N, layers kept, H] in the encoder's precision
  };
  // The encoder stops after the last layer that is kept.
  Result Compute(std::span<const Window* const> windows) const;

 private:
  WindowStates(const InferenceEncoder& encoder, std::vector<int32_t> layers, bool cls_only,
               const Pooler& pooler);
  at::Tensor PooledRows(const PackedTokens& tokens) const;

  const InferenceEncoder& encoder_;
  std::vector<int32_t> layers_;
  bool cls_only_ = false;
  Pooler pooler_;
};

PackedTokens PackWindows(std::span<const Window* const> windows);

// Batches of window numbers: sorted by length, longest first (equal lengths in the order given), as many to a
// batch as keep its tokens within max_tokens, at least one. A function of the lengths alone.
std::vector<std::vector<int64_t>> BatchesByLength(const std::vector<Window>& windows, int64_t max_tokens);

// Likewise, but the windows of a batch are taken at random from all of them, always the same way: any run of
// batches is a fair sample. Within a batch longest first.
std::vector<std::vector<int64_t>> BatchesAtRandom(const std::vector<Window>& windows, int64_t max_tokens);

}  // namespace bv
