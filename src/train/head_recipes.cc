#include "train/head_recipes.h"

#include <utility>

#include "base/error.h"
#include "base/strings.h"
#include "data/glue_tasks.h"
#include "train/finetune_options.h"

namespace bv {
namespace {

const std::vector<std::pair<std::string, HeadRecipe>> kRecipes = {{"spans", HeadRecipe::kSpans},
                                                                  {"rows", HeadRecipe::kRows},
                                                                  {"texts", HeadRecipe::kTexts},
                                                                  {"paper-ap", HeadRecipe::kPaperAp}};

// The rates and batches of the study's table, and what the optimiser is beside them.
void UseF7(const Task& task, HeadTrainOptions* options) {
  const GlueTask* glue = GlueTaskOrNull(task.name);
  options->lr = glue != nullptr ? glue->recipe.learning_rate : 2e-5;
  options->batch_size = glue != nullptr ? glue->recipe.batch_size : 32;
  options->adam.epsilon = 1e-6;
  options->adam.bias_correction = false;
  options->adam.decay = AdamOptions::Decay::kAfterStep;
  options->weight_decay = 0.01;
  options->schedule = ScheduleKind::kLinearDecay;
  options->warmup = 0.1;
}

}  // namespace

std::vector<std::string> HeadRecipeNames() {
  std::vector<std::string> names;
  names.reserve(kRecipes.size());
  for (const auto& recipe : kRecipes) names.push_back(recipe.first);
  return names;
}

HeadRecipe ParseHeadRecipe(const std::string& name) {
  for (const auto& [known, recipe] : kRecipes) {
    if (known == name) return recipe;
  }
  if (TunedRunOrNull(TunedSystem::kAp, name) != nullptr) return HeadRecipe::kPaperAp;
  std::vector<std::string> known = HeadRecipeNames();
  known.insert(known.begin(), "auto");  // what callers make of the heads' kind
  throw UnknownRecipe(name, known, TunedSystem::kAp);
}

const std::string& HeadRecipeName(HeadRecipe recipe) {
  return kRecipes[static_cast<size_t>(recipe)].first;  // in the order of the enumeration
}

HeadRecipe RecipeFor(HeadKind kind) {
  if (kind == HeadKind::kSpan) return HeadRecipe::kSpans;
  return kind == HeadKind::kRow ? HeadRecipe::kRows : HeadRecipe::kTexts;
}

HeadTrainOptions HeadRecipeDefaults(HeadRecipe recipe, const Task& task, int64_t hidden) {
  constexpr double kNarrowFactor = 10;
  HeadTrainOptions options;  // F2
  options.task = task.kind;
  if (recipe == HeadRecipe::kTexts || recipe == HeadRecipe::kPaperAp) UseF7(task, &options);
  if (recipe == HeadRecipe::kTexts && IsNarrow(hidden)) options.lr *= kNarrowFactor;
  if (recipe == HeadRecipe::kPaperAp && task.of_spans()) {
    options.batch_size = IsLarge(hidden) ? 8 : 16;
    options.reduction = SpanReduction::kMean;
  }
  if (recipe == HeadRecipe::kRows) {
    options.batch_size = 64;
    options.epochs = 10;
    options.restart_moments = true;
  }
  return options;
}

void UseTunedRun(const TunedRun& run, HeadTrainOptions* options) {
  options->batch_size = run.batch_size;
  options->lr = run.learning_rate;
  options->seed = run.seed;
}

std::string PaperApHead(HeadKind kind, const std::vector<std::string>& asked) {
  if (kind == HeadKind::kRow) {
    throw Error(ErrorKind::kUsage,
                "the recipe is the head ap's, which reads the states of all tokens; these are [CLS] rows");
  }
  std::string head = kind == HeadKind::kSpan ? "ap-squad" : "ap";
  for (const std::string& name : asked) {
    if (name != head)
      throw Error(ErrorKind::kUsage, Cat("the recipe is the head ", head, "'s, --head names ", Quoted(name)));
  }
  return head;
}

}  // namespace bv
