// What fine-tuning needs settled before its first step: the output layer of its task, and whether memory will
// do. Free functions; nothing is trained here.
#pragma once

#include <cstdint>
#include <vector>

#include "bert/weights.h"
#include "data/task.h"
#include "features/windows.h"
#include "train/finetune_options.h"

namespace bv {

// A new output layer, unless the model has one of this very task: for spans, the same labels, or one value.
// The recipe and the seed decide its first weights.
void GiveTaskOutput(const Task& task, const FineTuneOptions& training, BertWeights* weights);

// Bytes at the peak, about: weights, gradients and two moments in fp32, and what the largest batch keeps for
// the way back.
int64_t FineTuneMemory(const BertWeights& weights, const std::vector<Window>& windows,
                       const FineTuneOptions& training);

}  // namespace bv
