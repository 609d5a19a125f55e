#include "study/plan.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/testing.h"

namespace bv::study {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kHead =
    "out = 'o'\n[[experiment]]\nname = 'a'\n[experiment.data]\ntrain = 't.json'\ndev = 'd.json'\n";

Plan Parse(const std::string& more) {
  return ParsePlan(kHead + more, "plan.toml");
}

std::string Refusal(const std::string& text) {
  try {
    ParsePlan(text, "plan.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return error.what();
  }
  return "not refused";
}

TEST(Plan, ReadsEverythingThatItMayHold) {
  const Plan plan = ParsePlan(R"(
title = "a title"
out = "runs/x"
delete-stores = true
[[experiment]]
name = "spans"
model = "org/bert"
  [experiment.data]
  train = "squad2/train"
  dev = "squad2/dev"
  max-length = 128
  [experiment.finetune]
  checkpoints = [1, 0, 0.3]
  seeds = [1, 7]
  epochs = 2
  lr = 1e-4
  no-dropout = true
  [experiment.extract]
  codec = "f16"
  [[experiment.heads]]
  names = ["all"]
  seeds = [1, 2]
  epochs = 3
  [[experiment.heads]]
  names = "last-layer"
  label = "part"
  fractions = [0.5, 0.1]
  checkpoints = 1
  states = "tokens"
  [[experiment.ensembles]]
  name = "both"
  members = ["bert", "heads"]
  mode = "max"
  [[experiment.transfers]]
  heads = ["last-layer"]
  from = 0
  to = [0.3, 1]
  [experiment.analyses]
  what = ["layers"]
  bins = 5
  [experiment.report]
  answers = 3
)",
                              "plan.toml");
  EXPECT_EQ(plan.title, "a title");
  EXPECT_EQ(plan.out, "runs/x");
  EXPECT_TRUE(plan.delete_stores);
  ASSERT_EQ(plan.experiments.size(), 1);
  const Experiment& experiment = plan.experiments[0];
  EXPECT_EQ(experiment.model, "org/bert");
  EXPECT_EQ(experiment.data, Json({{"max-length", 128}}));
  EXPECT_THAT(experiment.checkpoints, ElementsAre(0, 0.3, 1));
  EXPECT_THAT(experiment.seeds, ElementsAre(1, 7));
  EXPECT_EQ(experiment.longest(), 2);
  EXPECT_EQ(experiment.finetune, Json({{"epochs", 2}, {"lr", 1e-4}, {"no-dropout", true}}));
  ASSERT_EQ(experiment.heads.size(), 2);
  EXPECT_THAT(experiment.heads[0].seeds, ElementsAre(1, 2));
  EXPECT_THAT(experiment.heads[1].names, ElementsAre("last-layer"));
  EXPECT_THAT(experiment.heads[1].fractions, ElementsAre(0.1, 0.5));
  EXPECT_EQ(experiment.heads[1].states, States::kTokens);
  EXPECT_THAT(experiment.ensembles[0].members, ElementsAre("bert", "heads"));
  EXPECT_THAT(experiment.transfers[0].to, ElementsAre(0.3, 1));
  EXPECT_THAT(experiment.analyses->what, ElementsAre("layers"));
  EXPECT_EQ(experiment.report, Json({{"answers", 3}}));
}

TEST(Plan, WithoutFineTuningThereIsTheBackboneAsItIs) {
  const Plan plan = Parse("[[experiment.heads]]\nnames = ['all']\n");
  EXPECT_EQ(plan.title, "plan");
  EXPECT_THAT(plan.experiments[0].checkpoints, ElementsAre(0));
  EXPECT_EQ(plan.experiments[0].longest(), 0);
}

struct Refused {
  const char* text;
  const char* message;
};

TEST(Plan, WhatIsWrongIsNamedWithItsPlace) {
  for (const Refused& one : {
           Refused{"titel = 'x'", "unknown key 'titel'; nearest: title"},
           {"", "has no [[experiment]]"},
           {"out = 3", "the plan has out = 3, a text"},
           {"delete-stores = 'yes'", "true or false"},
           {"experiment = 3", "[experiment] is number, a table is needed"},
           {"[[experiment]]\nmodel = 'x'", "[experiment] has no 'name'"},
           {"[[experiment]]\nname = '../x'", "becomes a folder"},
           {"[[experiment]]\nname = 'a'", "experiment 'a' has no table [experiment.data]"},
           {"[[experiment]]\nname = 'a'\n[experiment.data]\ntrain = 'x'",
            "experiment 'a', [data] has no 'dev'"},
           {"[[experiment]]\nname = 'a'\ndata = [1]", "is number, a table is needed"},
       }) {
    EXPECT_THAT(Refusal(one.text), HasSubstr(one.message)) << one.text;
  }
}

TEST(Plan, WhatIsWrongInAnExperimentIsNamedWithItsTable) {
  for (const Refused& one : {
           Refused{"limit = 5", "the study itself decides"},
           {"[experiment.finetune]\nseeds = [1]", "[finetune] has no 'checkpoints'"},
           {"[experiment.finetune]\ncheckpoints = []", "empty list"},
           {"[experiment.finetune]\ncheckpoints = [0]", "no checkpoint above 0"},
           {"[experiment.finetune]\ncheckpoints = [1, 1]", "twice"},
           {"[experiment.finetune]\ncheckpoints = [-1]", "from 0 to"},
           {"[experiment.finetune]\ncheckpoints = [3]\nepochs = 2", "must not be later"},
           {"[experiment.finetune]\ncheckpoints = [3]\nout = 'x'",
            "has 'out', which the study itself decides"},
           {"[experiment.finetune]\ncheckpoints = [3]\nlr = {x = 1}", "a text, a number"},
           {"[[experiment.finetune]]\ncheckpoints = [1]\n[[experiment.finetune]]\ncheckpoints = [1]",
            "2 tables [finetune], one is allowed"},
           {"[[experiment.heads]]\nseeds = [1]", "[heads] has no 'names'"},
           {"[[experiment.heads]]\nnames = [1]", "texts are needed"},
           {"[[experiment.heads]]\nnames = ['x']\nseeds = [1.5]", "whole numbers"},
           {"[[experiment.heads]]\nnames = ['x']\nseeds = [1, 1]", "twice"},
           {"[[experiment.heads]]\nnames = ['x']\nfractions = [2]", "from 0 to 1"},
           {"[[experiment.heads]]\nnames = ['x']\nstates = 'x'", "allowed: tokens, rows"},
           {"[[experiment.ensembles]]\nmembers = ['x']", "[ensembles] has no 'name'"},
           {"[[experiment.transfers]]\nheads = ['x']\nfrom = 0\nto = [1]\nmore = 1", "unknown key 'more'"},
           {"[experiment.head]\nnames = ['x']", "unknown key 'head'; nearest: heads"},
       }) {
    EXPECT_THAT(Refusal(std::string(kHead) + one.text), HasSubstr(one.message)) << one.text;
  }
}

}  // namespace
}  // namespace bv::study
