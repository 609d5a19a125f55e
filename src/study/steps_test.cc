#include "study/steps.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "base/testing.h"

namespace bv::study {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;

// The tiny model of the fixtures; files of the plan need not be there for its steps.
std::string PlanText(const std::string& more,
                     const std::string& data = "train = 't.json'\ndev = 'd.json'\n") {
  return std::string("out = 'o'\n[[experiment]]\nname = 'a'\nmodel = '") + BERTVISION_SOURCE_DIR +
         "/tests/fixtures/bert/qa'\n[experiment.data]\n" + data + more;
}

std::vector<Step> Steps(const std::string& more,
                        const std::string& data = "train = 't.json'\ndev = 'd.json'\n") {
  return MakeSteps(ParsePlan(PlanText(more, data), "plan.toml"));
}

std::vector<std::string> Names(const std::vector<Step>& steps) {
  std::vector<std::string> names;
  names.reserve(steps.size());
  for (const Step& step : steps) names.push_back(step.name);
  return names;
}

const Step& Named(const std::vector<Step>& steps, const std::string& name) {
  const auto found =
      std::find_if(steps.begin(), steps.end(), [&](const Step& step) { return step.name == name; });
  if (found == steps.end()) throw std::out_of_range(name);
  return *found;
}

std::vector<std::string> NeedsOf(const std::vector<Step>& steps, const std::string& name) {
  std::vector<std::string> names;
  for (const size_t need : Named(steps, name).needs) names.push_back(steps[need].name);
  return names;
}

std::string Refusal(const std::string& more) {
  try {
    Steps(more);
  } catch (const Error& error) {
    return error.what();
  }
  return "not refused";
}

constexpr const char* kTuned = "[experiment.finetune]\ncheckpoints = [0, 0.5, 2]\n";
constexpr const char* kTwoHeads = "[[experiment.heads]]\nnames = ['last-layer', 'learned-pooling']\n";

TEST(Steps, AreInAnOrderInWhichEachFindsWhatItNeeds) {
  const auto steps = Steps(Cat(kTuned, kTwoHeads, "seeds = [1, 2]\n",
                               "[[experiment.ensembles]]\nname = 'e'\nmembers = ['bert', 'heads']\n",
                               "[[experiment.transfers]]\nheads = ['last-layer']\nfrom = 0.5\nto = [0, 2]\n",
                               "[experiment.analyses]\nwhat = ['all', 'layer-ablation']\n"));
  for (size_t i = 0; i < steps.size(); ++i) {
    for (const size_t need : steps[i].needs) EXPECT_LT(need, i) << steps[i].name;
  }
  auto names = Names(steps);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end()) << "two steps in one folder";
}

TEST(Steps, TheBackboneBeforeFineTuningIsExtractedOnceWhateverTheSeeds) {
  const auto steps = Steps(Cat(kTuned, "seeds = [1, 2]\n", kTwoHeads));
  EXPECT_THAT(Names(steps),
              ElementsAre("a/finetune/seed-1", "a/finetune/seed-2", "a/states/epoch-0/tokens/train",
                          "a/states/epoch-0/tokens/dev", "a/heads/epoch-0/seed-1",
                          "a/states/bert-1/epoch-0.5/tokens/train", "a/states/bert-1/epoch-0.5/tokens/dev",
                          "a/heads/bert-1/epoch-0.5/seed-1", "a/states/bert-1/epoch-2/tokens/train",
                          "a/states/bert-1/epoch-2/tokens/dev", "a/heads/bert-1/epoch-2/seed-1",
                          "a/states/bert-2/epoch-0.5/tokens/train", "a/states/bert-2/epoch-0.5/tokens/dev",
                          "a/heads/bert-2/epoch-0.5/seed-1", "a/states/bert-2/epoch-2/tokens/train",
                          "a/states/bert-2/epoch-2/tokens/dev", "a/heads/bert-2/epoch-2/seed-1", "a/report"));
}

TEST(Steps, AreCommandsThatCouldBeTyped) {
  const auto steps =
      Steps(Cat(kTuned, "lr = 2e-4\nno-dropout = true\n[experiment.extract]\nlayers = [0, 1]\n", kTwoHeads,
                "epochs = 3\nfractions = [0.5, 1]\ncheckpoints = [2]\n"),
            "train = 't.json'\ndev = 'd.json'\nmax-length = 64\n");
  const std::string model = Cat(BERTVISION_SOURCE_DIR, "/tests/fixtures/bert/qa");
  EXPECT_EQ(ShellCommand(steps[0].Command()),
            Cat("bertvision finetune --model ", model,
                " --train t.json --dev d.json --checkpoints 0.5,2 --seed 1 --patience 0 "
                "--epochs 2 --max-length 64 --lr 0.0002 --no-dropout --out o/a/finetune/seed-1"));
  EXPECT_EQ(
      ShellCommand(Named(steps, "a/states/bert-1/epoch-2/tokens/dev").Command()),
      "bertvision extract --model o/a/finetune/seed-1/epoch-2 --data d.json --max-length 64 --layers 0,1 "
      "--out o/a/states/bert-1/epoch-2/tokens/dev");
  EXPECT_EQ(ShellCommand(Named(steps, "a/heads/bert-1/epoch-2/seed-1-fraction-0.5").Command()),
            "bertvision train --states o/a/states/bert-1/epoch-2/tokens/train --dev-states "
            "o/a/states/bert-1/epoch-2/tokens/dev --seed 1 --fraction 0.5 --epochs 3 --out "
            "o/a/heads/bert-1/epoch-2/seed-1-fraction-0.5 --head last-layer,learned-pooling");
}

TEST(Steps, TheStudysWindowsSayWhichPartTheyAre) {
  const auto steps = Steps(kTwoHeads, "train = 't.json'\ndev = 'd.json'\nwindows = 'paper'\n");
  EXPECT_EQ(ShellCommand(steps[0].Command()), Cat("bertvision extract --model ", BERTVISION_SOURCE_DIR,
                                                  "/tests/fixtures/bert/qa --data t.json --part train "
                                                  "--windows paper --out o/a/states/epoch-0/tokens/train"));
  EXPECT_THAT(steps[1].args, IsSupersetOf({"--part", "dev"}));
}

TEST(Steps, GroupsThatDifferInTheirHeadsAloneShareATraining) {
  const auto steps = Steps(Cat(kTwoHeads, "[[experiment.heads]]\nnames = ['layer-0', 'last-layer']\n"));
  EXPECT_THAT(Named(steps, "a/heads/epoch-0/seed-1").heads,
              ElementsAre("last-layer", "learned-pooling", "layer-0"));
  EXPECT_THAT(Refusal(Cat(kTwoHeads, kTwoHeads, "epochs = 2\n")), HasSubstr("give one of them a label"));
  EXPECT_THAT(Names(Steps(Cat(kTwoHeads, kTwoHeads, "epochs = 2\nlabel = 'long'\n"))),
              Contains("a/heads/epoch-0/long/seed-1"));
}

TEST(Steps, RowHeadsReadRowsAndTextHeadsTokens) {
  const std::string data = "task = 'rte'\ntrain = 't.tsv'\ndev = 'd.tsv'\n";
  const auto steps = Steps(
      "[[experiment.heads]]\nnames = ['all']\n[[experiment.heads]]\nnames = ['ap']\nlabel = 'ap'\n", data);
  EXPECT_THAT(Names(steps),
              ElementsAre("a/states/epoch-0/rows/train", "a/states/epoch-0/rows/dev",
                          "a/heads/epoch-0/seed-1", "a/states/epoch-0/tokens/train",
                          "a/states/epoch-0/tokens/dev", "a/heads/epoch-0/ap/seed-1", "a/report"));
  EXPECT_THAT(steps[0].args, Contains("--cls-only"));
  EXPECT_THAT(Named(steps, "a/heads/epoch-0/seed-1").heads, Contains("tiny-tenney"));
}

TEST(Steps, AnEnsembleIsMadeWhereAllItsMembersAre) {
  const std::string ensemble =
      "[[experiment.ensembles]]\nname = 'e'\nmembers = ['bert', 'last-layer']\nmode = 'add'\n";
  const auto steps = Steps(Cat(kTuned, kTwoHeads, ensemble));
  EXPECT_THAT(NeedsOf(steps, "a/ensembles/bert-1/epoch-2/seed-1/e"),
              ElementsAre("a/finetune/seed-1", "a/heads/bert-1/epoch-2/seed-1"));
  EXPECT_EQ(ShellCommand(Named(steps, "a/ensembles/bert-1/epoch-2/seed-1/e").Command()),
            "bertvision ensemble --runs "
            "o/a/finetune/seed-1/epoch-2,o/a/heads/bert-1/epoch-2/seed-1/last-layer --mode add "
            "--out o/a/ensembles/bert-1/epoch-2/seed-1/e");
  EXPECT_THAT(Names(steps), testing::Not(Contains("a/ensembles/epoch-0/seed-1/e")));
  EXPECT_THAT(Refusal(Cat(kTwoHeads, ensemble)), HasSubstr("nowhere together"));
}

TEST(Steps, AHeadIsTransferredToOtherCheckpoints) {
  const auto steps = Steps(
      Cat(kTuned, kTwoHeads, "[[experiment.transfers]]\nheads = ['last-layer']\nfrom = 0.5\nto = [2]\n"));
  EXPECT_EQ(ShellCommand(Named(steps, "a/transfers/bert-1/epoch-0.5/seed-1/last-layer/to-epoch-2").Command()),
            "bertvision eval --run o/a/heads/bert-1/epoch-0.5/seed-1/last-layer --states "
            "o/a/states/bert-1/epoch-2/tokens/dev --allow-other-backbone --out "
            "o/a/transfers/bert-1/epoch-0.5/seed-1/last-layer/to-epoch-2");
}

TEST(Steps, LayerAblationGetsTheDevStates) {
  const auto steps = Steps(Cat(kTwoHeads, "[experiment.analyses]\nwhat = ['layer-ablation']\n"));
  EXPECT_THAT(NeedsOf(steps, "a/analyses/epoch-0"), Contains("a/states/epoch-0/tokens/dev"));
}

TEST(Steps, WhatCannotBeIsRefusedBeforeAnythingRuns) {
  EXPECT_THAT(Refusal("[[experiment.heads]]\nnames = ['last-layr']\n"), HasSubstr("last-layer"));
  EXPECT_THAT(Refusal("[[experiment.heads]]\nnames = ['tiny-tenney']\n"), HasSubstr("tiny-tenney"));
  EXPECT_THAT(Refusal(Cat(kTwoHeads, "states = 'rows'\n")), HasSubstr("are for labels"));
  EXPECT_THAT(Refusal(Cat(kTuned, kTwoHeads, "checkpoints = [1]\n")),
              HasSubstr("at checkpoint 1; there are 0, 0.5, 2"));
  EXPECT_THAT(
      Refusal(Cat(kTwoHeads, "[[experiment.transfers]]\nheads = ['last-layer']\nfrom = 0\nto = [1]\n")),
      HasSubstr("there are 0"));
  EXPECT_THAT(Refusal(""), HasSubstr("nothing to do"));
}

TEST(Steps, HeadsAreTrainedForTheEpochsOfTheirRecipeWhereThePlanHasNone) {
  EXPECT_EQ(Named(Steps(kTwoHeads), "a/heads/epoch-0/seed-1").epochs, 1);
  EXPECT_EQ(
      Named(Steps(Cat(kTwoHeads, "epochs = 4\nfractions = [0.5]\n")), "a/heads/epoch-0/seed-1-fraction-0.5")
          .epochs,
      2);
  const std::string data = "task = 'rte'\ntrain = 't.tsv'\ndev = 'd.tsv'\n";
  const auto rows = Steps("[[experiment.heads]]\nnames = ['tiny-tenney']\n", data);
  EXPECT_EQ(Named(rows, "a/heads/epoch-0/seed-1").epochs, 10);
  const auto texts = Steps("[[experiment.heads]]\nnames = ['ap']\nrecipe = 'paper-ap'\n", data);
  EXPECT_EQ(Named(texts, "a/heads/epoch-0/seed-1").epochs, 1);
  EXPECT_THAT(Refusal(Cat(kTwoHeads, "recipe = 'paper-app'\n")), HasSubstr("paper-ap"));
}

TEST(Steps, ListsOfRunsAreWordsThatACommandCanHold) {
  std::vector<std::string> seeds;
  for (int seed = 1; seed <= 2000; ++seed) seeds.push_back(std::to_string(seed));
  const std::string all = Join(seeds, ", ");
  const auto steps = Steps(Cat(kTwoHeads, "seeds = [", all, "]\n"));
  const std::vector<std::string>& args = Named(steps, "a/report").args;
  std::vector<std::string> lists;
  for (size_t i = 2; !args.at(i).starts_with("--"); ++i) {
    EXPECT_LT(args[i].size(), size_t{128} << 10);
    lists.push_back(args[i]);
  }
  EXPECT_GT(lists.size(), 1U);
  std::vector<std::string> runs;
  for (const std::string& seed : seeds) {
    for (const char* head : {"last-layer", "learned-pooling"})
      runs.push_back(Cat("o/a/heads/epoch-0/seed-", seed, "/", head));
  }
  EXPECT_EQ(Join(lists, ","), Join(runs, ","));
}

TEST(Steps, WordsOfACommandAreQuotedForAShell) {
  EXPECT_EQ(ShellCommand({"a", "b c", "it's", ""}), "bertvision a 'b c' 'it'\\''s' ''");
}

}  // namespace
}  // namespace bv::study
