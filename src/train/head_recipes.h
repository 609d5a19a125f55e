// How heads are trained unless the user says otherwise: the study's recipes for its three kinds of heads
// (spec section F). Pure functions.
#pragma once

#include <string>
#include <vector>

#include "heads/head.h"
#include "train/head_trainer.h"
#include "train/tuned_runs.h"

namespace bv {

enum class HeadRecipe {
  kSpans,    // F2: Adam 1e-3, constant, batches of 16, one epoch
  kRows,     // F5: Adam 1e-3, batches of 64, ten epochs, moments begin anew in each
  kTexts,    // F7: AdamW without bias correction, warm-up and linear decay, one epoch; rate and batch by task
  kPaperAp,  // F7 of the heads `ap` and `ap-squad`, whatever the backbone's width
};

// "spans", "rows", "texts", "paper-ap", and back; the name of a tuned run of AP (tuned_runs.h) is a kPaperAp.
// Errors: kUsage with the names.
std::vector<std::string> HeadRecipeNames();
HeadRecipe ParseHeadRecipe(const std::string& name);

const std::string& HeadRecipeName(HeadRecipe recipe);

HeadRecipe RecipeFor(HeadKind kind);

// The recipe's own options. task and hidden decide rate and batch of kTexts: those of a GLUE task (its rate
// was BERT-base's; narrow models get ten times it), else 2e-5 and 32. With kPaperAp narrow models get no
// more, and SQuAD has its row of the study's table.
HeadTrainOptions HeadRecipeDefaults(HeadRecipe recipe, const Task& task, int64_t hidden);

// Over these, what is the tuned run's own: batch, rate and seed.
void UseTunedRun(const TunedRun& run, HeadTrainOptions* options);

// The one head that kPaperAp trains on such states. Errors (kUsage): rows, which it does not read; a list of
// names that holds another.
std::string PaperApHead(HeadKind kind, const std::vector<std::string>& asked);

}  // namespace bv
