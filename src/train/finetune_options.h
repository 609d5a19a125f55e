// What fine-tuning is asked to do. Plain values; no torch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/precision.h"
#include "data/glue_tasks.h"
#include "train/tuned_runs.h"

namespace bv {

// How the optimiser, its rate and the loss go together.
enum class FineTuneRecipe {
  kDefault,     // AdamW with bias correction, warm-up, linear decay over the planned total, clipping
  kPaperTf,     // spec F1: Keras Adam, constant rate, no decay, no clipping, loss = start + end
  kPaperTorch,  // spec F6: AdamW without bias correction, warm-up, linear decay, no clipping
};

struct FineTuneOptions {
  FineTuneRecipe recipe = FineTuneRecipe::kDefault;
  double epochs = 2;
  double lr = 3e-5;
  int64_t batch_size = 16;
  int64_t accumulate = 1;  // passes that one batch is split into, to save memory
  double weight_decay = 0.01;
  double warmup = 0.1;     // share of all steps
  double clip_norm = 1.0;  // 0: never
  uint64_t seed = 1;
  Precision precision = Precision::kFp32;  // or kBf16
  bool dropout = true;                     // the configuration's probabilities
  bool shuffle = true;                     // a new order every epoch
};

// "default", "paper-tf", "paper-torch", and back; the name of a tuned run of BERT (tuned_runs.h) is a
// kPaperTorch. Errors: kUsage with the names.
FineTuneRecipe ParseRecipe(const std::string& name);
std::vector<std::string> RecipeNames();

// The recipe's own values of rate, batch, decay, warm-up and clipping for a backbone of this width. Narrow
// models such as MiniLM (384) are tuned at higher rates than BERT-base.
FineTuneOptions RecipeDefaults(FineTuneRecipe recipe, int64_t hidden_size);

// Whether a backbone is so narrow (MiniLM: 384) that higher rates than BERT-base's are right.
bool IsNarrow(int64_t hidden_size);

// Over these defaults, what the study used for a GLUE task (spec section F): its batch, and its rate, which
// was BERT-base's; by the default recipe narrow models have 5e-5.
void UseGlueRecipe(const GlueRecipe& recipe, int64_t hidden_size, FineTuneOptions* options);

// Over both, what is the tuned run's own: batch, rate and seed.
void UseTunedRun(const TunedRun& run, FineTuneOptions* options);

// Which checkpoint is the best, and when training ends early.
struct BestRule {
  std::string metric;    // as BestMetric takes it
  int64_t patience = 0;  // evaluations without a better one; 0: it does not end early
};
// kPaperTorch's for SQuAD and GLUE (spec section F8); for all else the task's first metric and no early end.
BestRule RecipeBestRule(FineTuneRecipe recipe, const std::string& task);

// Whether a backbone is as wide as BERT-large, with which the study halved SQuAD's batches.
bool IsLarge(int64_t hidden_size);

// Optimiser steps of an epoch (the last batch may be smaller) and of a fraction of epochs (at least 1).
int64_t StepsPerEpoch(int64_t windows, int64_t batch_size);
int64_t StepAtEpoch(double epoch, int64_t windows, int64_t batch_size);

}  // namespace bv
