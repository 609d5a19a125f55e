#include "train/finetune_options.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace bv {
namespace {

const std::vector<std::pair<std::string, FineTuneRecipe>> kRecipes = {
    {"default", FineTuneRecipe::kDefault},
    {"paper-tf", FineTuneRecipe::kPaperTf},
    {"paper-torch", FineTuneRecipe::kPaperTorch}};

}  // namespace

std::vector<std::string> RecipeNames() {
  std::vector<std::string> names;
  names.reserve(kRecipes.size());
  for (const auto& recipe : kRecipes) names.push_back(recipe.first);
  return names;
}

FineTuneRecipe ParseRecipe(const std::string& name) {
  for (const auto& [known, recipe] : kRecipes) {
    if (known == name) return recipe;
  }
  if (TunedRunOrNull(TunedSystem::kBert, name) != nullptr) return FineTuneRecipe::kPaperTorch;
  throw UnknownRecipe(name, RecipeNames(), TunedSystem::kBert);
}

bool IsLarge(int64_t hidden_size) {
  constexpr int64_t kLarge = 1024;
  return hidden_size >= kLarge;
}

bool IsNarrow(int64_t hidden_size) {
  constexpr int64_t kNarrow = 512;
  return hidden_size < kNarrow;
}

FineTuneOptions RecipeDefaults(FineTuneRecipe recipe, int64_t hidden_size) {
  FineTuneOptions options;
  options.recipe = recipe;
  switch (recipe) {
    case FineTuneRecipe::kDefault:
      options.lr = IsNarrow(hidden_size) ? 2e-4 : 3e-5;
      break;
    case FineTuneRecipe::kPaperTf:
      options.lr = 1e-5;
      options.batch_size = 4;
      options.weight_decay = options.warmup = options.clip_norm = 0;
      break;
    case FineTuneRecipe::kPaperTorch:
      options.lr = 2e-5;
      options.batch_size = IsLarge(hidden_size) ? 8 : 16;
      options.epochs = 1;
      options.clip_norm = 0;
      break;
  }
  return options;
}

void UseGlueRecipe(const GlueRecipe& recipe, int64_t hidden_size, FineTuneOptions* options) {
  // With the 2e-4 that suits spans, MiniLM falls into one label for all texts of RTE and CoLA.
  constexpr double kNarrowRate = 5e-5;
  const bool narrow = options->recipe == FineTuneRecipe::kDefault && IsNarrow(hidden_size);
  options->batch_size = recipe.batch_size;
  options->lr = narrow ? kNarrowRate : recipe.learning_rate;
}

void UseTunedRun(const TunedRun& run, FineTuneOptions* options) {
  options->batch_size = run.batch_size;
  options->lr = run.learning_rate;
  options->seed = run.seed;
}

BestRule RecipeBestRule(FineTuneRecipe recipe, const std::string& task) {
  constexpr int64_t kSquadPatience = 3;
  if (recipe != FineTuneRecipe::kPaperTorch) return {};
  if (task == "squad") return {"f1", kSquadPatience};
  const GlueTask* glue = GlueTaskOrNull(task);
  return glue != nullptr ? BestRule{glue->recipe.best, glue->recipe.patience} : BestRule{};
}

int64_t StepsPerEpoch(int64_t windows, int64_t batch_size) {
  return (windows + batch_size - 1) / batch_size;
}

int64_t StepAtEpoch(double epoch, int64_t windows, int64_t batch_size) {
  return std::max<int64_t>(1, std::llround(epoch * static_cast<double>(StepsPerEpoch(windows, batch_size))));
}

}  // namespace bv
