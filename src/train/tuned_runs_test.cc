#include "train/tuned_runs.h"

#include <gmock/gmock.h>

#include <set>

#include "base/testing.h"
#include "data/glue_tasks.h"
#include "heads/registry.h"
#include "train/finetune_options.h"
#include "train/head_recipes.h"

namespace bv {
namespace {

using testing::HasSubstr;

struct Row {
  const char* name;
  double learning_rate;
  uint64_t seed;
  int32_t batch_size, max_length;
  int64_t width;  // 0: as many as pieces
};

// The spec's numbers (section F: the table's batches and lengths, "Tuned runs"), written out.
const Row kBertRuns[] = {
    {"paper-rte-base", 1.2220e-5, 600, 16, 250, 0},    {"paper-rte-large", 8.3621e-6, 244, 16, 250, 0},
    {"paper-mrpc-base", 2.4380e-5, 734, 32, 128, 0},   {"paper-mrpc-large", 1.2771e-5, 158, 32, 128, 0},
    {"paper-cola-base", 9.6296e-6, 441, 16, 128, 0},   {"paper-cola-large", 9.4471e-6, 203, 16, 128, 0},
    {"paper-sts-b-base", 1.86524e-5, 637, 16, 128, 0}, {"paper-sts-b-large", 7.1099e-6, 701, 16, 128, 0}};
const Row kApRuns[] = {{"paper-ap-rte-base", 3.593259e-4, 926, 16, 250, 8},
                       {"paper-ap-mrpc-base", 7.591459e-4, 926, 16, 128, 16},
                       {"paper-ap-qnli-base", 8.650654e-4, 1115, 16, 121, 32},
                       {"paper-ap-sst-2-base", 9.739885e-4, 1788, 64, 128, 32},
                       {"paper-ap-cola-base", 2.25972e-5, 563, 16, 128, 0},
                       {"paper-ap-sts-b-base", 2.7762e-5, 260, 16, 128, 0},
                       {"paper-ap-rte-large", 1.2614e-5, 414, 16, 250, 0},
                       {"paper-ap-mrpc-large", 1.4399e-5, 465, 32, 128, 0},
                       {"paper-ap-cola-large", 2.99619e-5, 949, 16, 128, 0},
                       {"paper-ap-sts-b-large", 2.98363e-5, 131, 16, 128, 0}};

void ExpectRow(const TunedRun& run, const Row& row) {
  EXPECT_EQ(run.learning_rate, row.learning_rate) << row.name;
  EXPECT_EQ(run.seed, row.seed) << row.name;
  EXPECT_EQ(run.batch_size, row.batch_size) << row.name;
  EXPECT_EQ(run.max_length, row.max_length) << row.name;
  EXPECT_EQ(run.width, row.width) << row.name;
  const std::string suffix = run.hidden_size == 768 ? "-base" : "-large";
  EXPECT_TRUE(run.name.ends_with(run.task + suffix)) << row.name;
}

TEST(TunedRuns, EveryRowHasTheSpecsNumbersAndThereAreNoOthers) {
  for (const Row& row : kBertRuns) {
    const TunedRun* run = TunedRunOrNull(TunedSystem::kBert, row.name);
    ASSERT_NE(run, nullptr) << row.name;
    ExpectRow(*run, row);
  }
  for (const Row& row : kApRuns) {
    const TunedRun* run = TunedRunOrNull(TunedSystem::kAp, row.name);
    ASSERT_NE(run, nullptr) << row.name;
    ExpectRow(*run, row);
  }
  EXPECT_EQ(TunedRuns().size(), std::size(kBertRuns) + std::size(kApRuns));
}

TEST(TunedRuns, TheTasksOwnRecipesAreTheSpecsTable) {
  const struct {
    const char* task;
    int32_t max_length, batch_size;
    double learning_rate;
    const char* best;
    int64_t patience;
  } table[] = {{"mnli", 128, 32, 1e-5, "loss", 3},      {"qnli", 128, 32, 1e-5, "accuracy", 0},
               {"qqp", 128, 32, 1e-5, "accuracy", 0},   {"rte", 250, 16, 2e-5, "accuracy", 0},
               {"sst-2", 128, 32, 2e-5, "accuracy", 0}, {"mrpc", 128, 32, 2e-5, "accuracy", 0},
               {"cola", 128, 16, 2e-5, "loss", 0},      {"sts-b", 128, 16, 2e-5, "loss", 0},
               {"wnli", 98, 16, 1e-5, "accuracy", 0}};
  EXPECT_EQ(std::size(table), GlueTasks().size());
  for (const auto& row : table) {
    const GlueRecipe& recipe = FindGlueTask(row.task).recipe;
    EXPECT_EQ(recipe.max_length, row.max_length) << row.task;
    for (const int64_t hidden : {384, 768, 1024}) {
      FineTuneOptions options = RecipeDefaults(FineTuneRecipe::kPaperTorch, hidden);
      UseGlueRecipe(recipe, hidden, &options);
      EXPECT_EQ(options.batch_size, row.batch_size) << row.task;
      EXPECT_EQ(options.lr, row.learning_rate) << row.task;
      const Task task{TaskKind::kClassification, row.task, {"0", "1"}};
      const HeadTrainOptions head = HeadRecipeDefaults(HeadRecipe::kPaperAp, task, hidden);
      EXPECT_EQ(head.batch_size, row.batch_size) << row.task;
      EXPECT_EQ(head.lr, row.learning_rate) << row.task;
    }
    const BestRule rule = RecipeBestRule(FineTuneRecipe::kPaperTorch, row.task);
    EXPECT_EQ(rule.metric, row.best) << row.task;
    EXPECT_EQ(rule.patience, row.patience) << row.task;
  }
}

TEST(TunedRuns, SquadHasItsRowToo) {
  EXPECT_EQ(RecipeDefaults(FineTuneRecipe::kPaperTorch, 768).batch_size, 16);
  EXPECT_EQ(RecipeDefaults(FineTuneRecipe::kPaperTorch, 1024).batch_size, 8);
  EXPECT_EQ(RecipeDefaults(FineTuneRecipe::kPaperTorch, 1024).lr, 2e-5);
  EXPECT_EQ(RecipeBestRule(FineTuneRecipe::kPaperTorch, "squad").metric, "f1");
  EXPECT_EQ(RecipeBestRule(FineTuneRecipe::kPaperTorch, "squad").patience, 3);
  for (const FineTuneRecipe other : {FineTuneRecipe::kDefault, FineTuneRecipe::kPaperTf}) {
    EXPECT_EQ(RecipeBestRule(other, "mnli").metric, "");
    EXPECT_EQ(RecipeBestRule(other, "squad").patience, 0);
  }
  const HeadTrainOptions head = HeadRecipeDefaults(HeadRecipe::kPaperAp, Task{}, 1024);
  EXPECT_EQ(head.batch_size, 8);
  EXPECT_EQ(head.lr, 2e-5);
  EXPECT_EQ(head.reduction, SpanReduction::kMean);
  EXPECT_FALSE(head.adam.bias_correction);
  EXPECT_EQ(HeadRecipeDefaults(HeadRecipe::kPaperAp, Task{}, 768).batch_size, 16);
}

// Spec section D counts these heads.
TEST(TunedRuns, TheApHeadsHaveThePublishedCounts) {
  const struct {
    const char* name;
    int64_t classes, parameters;
  } counts[] = {{"paper-ap-rte-base", 2, 58'154},     {"paper-ap-mrpc-base", 2, 65'554},
                {"paper-ap-qnli-base", 2, 125'282},   {"paper-ap-sst-2-base", 2, 131'106},
                {"paper-ap-cola-base", 2, 524'418},   {"paper-ap-sts-b-base", 1, 311'425},
                {"paper-ap-rte-large", 2, 3'381'252}, {"paper-ap-cola-large", 2, 950'402}};
  for (const auto& [name, classes, parameters] : counts) {
    const TunedRun& run = *TunedRunOrNull(TunedSystem::kAp, name);
    BackboneDims dims;
    dims.layers = run.hidden_size == 768 ? 13 : 25;
    dims.hidden = run.hidden_size;
    dims.tokens = run.max_length;
    dims.width = run.width;
    dims.outputs = classes;
    EXPECT_EQ(FindHead("ap", dims).parameters(dims), parameters) << name;
  }
}

TEST(TunedRuns, OtherNamesAreRefusedWithTheNearest) {
  EXPECT_EQ(TunedRunOrNull(TunedSystem::kBert, "paper-ap-rte-base"), nullptr);
  const auto message = [](const auto& parse) { return test::MessageOf(parse); };
  EXPECT_THAT(message([] { ParseRecipe("paper-rte-bas"); }), HasSubstr("did you mean paper-rte-base"));
  EXPECT_THAT(message([] { ParseRecipe("paper-qnli-base"); }),
              HasSubstr("paper-TASK-base of rte, mrpc, cola"));
  EXPECT_THAT(message([] { ParseHeadRecipe("paper-ap-qnli-bse"); }),
              HasSubstr("did you mean paper-ap-qnli-base"));
}

TEST(TunedRuns, OtherTasksAndLengthsAreRefused) {
  const TunedRun& run = *TunedRunOrNull(TunedSystem::kAp, "paper-ap-qnli-base");
  EXPECT_NO_THROW(run.RequireTask("qnli"));
  EXPECT_NO_THROW(run.RequireLength(121));
  EXPECT_THAT(test::MessageOf([&] { run.RequireTask("rte"); }), HasSubstr("task qnli, the data is of rte"));
  EXPECT_THAT(test::MessageOf([&] { run.RequireLength(128); }), HasSubstr("--max-length 121"));
}

}  // namespace
}  // namespace bv
