#include "train/head_recipes.h"

#include <utility>

#include "base/error.h"
#include "base/strings.h"
#include "data/glue_tasks.h"
#include "train/finetune_options.h"

namespace bv {
namespace {

const std::vector<std::pair<std::string, HeadRecipe>> kRecipes = {
    {"spans", HeadRecipe::kSpans}, {"rows", HeadRecipe::kRows}, {"texts", HeadRecipe::kTexts}};

void UseTextRecipe(const Task& task, int64_t hidden, HeadTrainOptions* options) {
  constexpr double kNarrowFactor = 10;
  const GlueTask* glue = GlueTaskOrNull(task.name);
  options->lr = glue != nullptr ? glue->recipe.learning_rate : 2e-5;
  options->batch_size = glue != nullptr ? glue->recipe.batch_size : 32;
  if (IsNarrow(hidden)) options->lr *= kNarrowFactor;
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
  for (const auto& recipe : kRecipes) names.push_back(recipe.first);
  return names;
}

HeadRecipe ParseHeadRecipe(const std::string& name) {
  for (const auto& [known, recipe] : kRecipes) {
    if (known == name) return recipe;
  }
  throw Error(ErrorKind::kUsage,
              Cat("recipe ", Quoted(name), " is unknown; there are ", Join(HeadRecipeNames(), ", ")));
}

HeadRecipe RecipeFor(HeadKind kind) {
  if (kind == HeadKind::kSpan) return HeadRecipe::kSpans;
  return kind == HeadKind::kRow ? HeadRecipe::kRows : HeadRecipe::kTexts;
}

HeadTrainOptions HeadRecipeDefaults(HeadRecipe recipe, const Task& task, int64_t hidden) {
  HeadTrainOptions options;  // F2
  options.task = task.kind;
  if (recipe == HeadRecipe::kTexts) UseTextRecipe(task, hidden, &options);
  if (recipe == HeadRecipe::kRows) {
    options.batch_size = 64;
    options.epochs = 10;
    options.restart_moments = true;
  }
  return options;
}

}  // namespace bv
