#include "train/head_recipes.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace bv {
namespace {

TEST(HeadRecipes, EachKindOfHeadHasTheStudys) {
  const Task spans, rte{TaskKind::kClassification, "rte", {"not_entailment", "entailment"}};
  const HeadTrainOptions f2 = HeadRecipeDefaults(RecipeFor(HeadKind::kSpan), spans, 1024);
  EXPECT_EQ(f2.batch_size, 16);
  EXPECT_EQ(f2.epochs, 1);
  EXPECT_EQ(f2.lr, 1e-3);
  EXPECT_FALSE(f2.restart_moments);
  const HeadTrainOptions f5 = HeadRecipeDefaults(RecipeFor(HeadKind::kRow), rte, 1024);
  EXPECT_EQ(f5.batch_size, 64);
  EXPECT_EQ(f5.epochs, 10);
  EXPECT_TRUE(f5.restart_moments);
  EXPECT_EQ(f5.task, TaskKind::kClassification);
  const HeadTrainOptions f7 = HeadRecipeDefaults(RecipeFor(HeadKind::kText), rte, 768);
  EXPECT_EQ(f7.batch_size, 16);
  EXPECT_EQ(f7.lr, 2e-5);
  EXPECT_FALSE(f7.adam.bias_correction);
  EXPECT_EQ(f7.weight_decay, 0.01);
  EXPECT_EQ(f7.schedule, ScheduleKind::kLinearDecay);
}

TEST(HeadRecipes, NarrowModelsAndOtherTasksHaveTheirOwnRate) {
  const Task own{TaskKind::kClassification, "classification", {"a", "b"}};
  EXPECT_EQ(HeadRecipeDefaults(HeadRecipe::kTexts, own, 768).batch_size, 32);
  EXPECT_DOUBLE_EQ(HeadRecipeDefaults(HeadRecipe::kTexts, own, 384).lr, 2e-4);
}

TEST(HeadRecipes, NamesComeBackAndOthersAreRefused) {
  for (const std::string& name : HeadRecipeNames()) EXPECT_EQ(HeadRecipeName(ParseHeadRecipe(name)), name);
  EXPECT_THROW(ParseHeadRecipe("paper"), Error);
}

TEST(HeadRecipes, ThatOfApIsOfItsHeadAlone) {
  EXPECT_EQ(PaperApHead(HeadKind::kText, {}), "ap");
  EXPECT_EQ(PaperApHead(HeadKind::kSpan, {"ap-squad"}), "ap-squad");
  EXPECT_THROW(PaperApHead(HeadKind::kText, {"ap", "detect-parts"}), Error);
  EXPECT_THROW(PaperApHead(HeadKind::kText, {"all"}), Error);
  EXPECT_THROW(PaperApHead(HeadKind::kRow, {}), Error);
}

}  // namespace
}  // namespace bv
