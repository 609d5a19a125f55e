// How heads are trained unless the user says otherwise: the study's recipes for its three kinds of heads
// (spec section F). Pure functions.
#pragma once

#include <string>
#include <vector>

#include "heads/head.h"
#include "train/head_trainer.h"

namespace bv {

enum class HeadRecipe {
  kSpans,  // F2: Adam 1e-3, constant, batches of 16, one epoch
  kRows,   // F5: Adam 1e-3, batches of 64, ten epochs, moments begin anew in each
  kTexts,  // F7: AdamW without bias correction, warm-up and linear decay, one epoch; rate and batch by task
};

// "spans", "rows", "texts", and back. Errors: kUsage with the names.
std::vector<std::string> HeadRecipeNames();
HeadRecipe ParseHeadRecipe(const std::string& name);

HeadRecipe RecipeFor(HeadKind kind);

// The recipe's own options. task and hidden decide rate and batch of kTexts: those of a GLUE task (its rate
// was BERT-base's; narrow models get ten times it), else 2e-5 and 32.
HeadTrainOptions HeadRecipeDefaults(HeadRecipe recipe, const Task& task, int64_t hidden);

}  // namespace bv
