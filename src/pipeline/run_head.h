// A head out of its run's folder, and its logits over a store: evaluation without a backbone. Loading is one
// owner's; a loaded head is safe from any thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "decode/span_logits.h"
#include "decode/text_logits.h"
#include "heads/head.h"
#include "pipeline/run_source.h"
#include "store/store_batch.h"
#include "store/store_reader.h"

namespace bv {

// Errors: those of LoadHead; kData where head and run.json disagree.
std::unique_ptr<Head> LoadHeadOf(const RunSource& source);

// Throws kData unless the store's states may be given to the run's head: the same task, RequireSameBackbone,
// RequireSamePrecision and RequireSameCut; and for a store cut for training, which lacks questions.
void RequireStatesOf(const RunSource& source, const StoreReader& store, bool allow_other_backbone);

at::Tensor HeadLogits(const Head& head, const StoreBatch& batch);

// The logits of `systems` systems over all windows of a store. compute gives one [N, 2] f32 tensor a system
// for each batch; batches are those of an evaluation during training, so the same head gives the same bits.
// report gets the windows done and all; false stops with Error(kInterrupted).
std::vector<SpanLogits> LogitsOverStore(
    const StoreReader& store, const QaData& examples, int64_t systems,
    const std::function<std::vector<at::Tensor>(const StoreBatch& batch)>& compute,
    const std::function<bool(int64_t done, int64_t total)>& report = {});

// The same for texts: compute gives one [B, C] f32 tensor a system.
std::vector<TextLogits> TextLogitsOverStore(
    const StoreReader& store, const TaskExamples& examples, int64_t systems,
    const std::function<std::vector<at::Tensor>(const StoreBatch& batch)>& compute,
    const std::function<bool(int64_t done, int64_t total)>& report = {});

}  // namespace bv
