#include "train/finetune_options.h"

#include <gtest/gtest.h>

#include "data/glue_tasks.h"

namespace bv {
namespace {

FineTuneOptions ForRte(FineTuneRecipe recipe, int64_t hidden_size) {
  FineTuneOptions options = RecipeDefaults(recipe, hidden_size);
  UseGlueRecipe(GlueTaskOrNull("rte")->recipe, hidden_size, &options);
  return options;
}

TEST(FineTuneOptions, GlueTasksHaveTheStudysBatchAndRateButNarrowModelsAHigherRate) {
  const GlueRecipe& study = GlueTaskOrNull("rte")->recipe;
  for (const int64_t hidden : {384, 768, 1024})
    EXPECT_EQ(ForRte(FineTuneRecipe::kDefault, hidden).batch_size, study.batch_size);
  EXPECT_DOUBLE_EQ(ForRte(FineTuneRecipe::kDefault, 768).lr, study.learning_rate);
  EXPECT_DOUBLE_EQ(ForRte(FineTuneRecipe::kDefault, 384).lr, 5e-5);
  EXPECT_DOUBLE_EQ(ForRte(FineTuneRecipe::kPaperTorch, 384).lr, study.learning_rate);
  EXPECT_GT(RecipeDefaults(FineTuneRecipe::kDefault, 384).lr, 5e-5);  // of spans
}

}  // namespace
}  // namespace bv
