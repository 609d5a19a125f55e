#include "study/forecast.h"

#include <gmock/gmock.h>

#include "heads/registry.h"

namespace bv::study {
namespace {

ExperimentFigures Figures() {
  ExperimentFigures figures;
  figures.train = {10, 1000};
  figures.dev = {2, 200};
  figures.extract_rate = 100;
  figures.train_rate = 50;
  figures.dims.layers = 3;
  figures.dims.hidden = 8;
  figures.dims.tokens = 384;
  figures.intermediate = 16;
  figures.parameters = 1000;
  figures.value_bytes = 2;
  return figures;
}

Cost CostOf(const Step& step) {
  return Forecast({step}, {Figures()}).front();
}

TEST(Forecast, FineTuningIsThreePassesAStepAndOneForEveryScoring) {
  Step step;
  step.kind = StepKind::kFineTune;
  step.checkpoints = 2;
  step.epochs = 2;
  EXPECT_DOUBLE_EQ(CostOf(step).seconds, (3 * 2 * 1000 + 2 * 200) / 50.0);
  EXPECT_EQ(CostOf(step).bytes, 2 * 1000 * 4);
}

TEST(Forecast, AStoreHasEveryLayerOfEveryTokenOrOneRowAWindow) {
  Step step;
  step.kind = StepKind::kExtract;
  step.train_part = true;
  EXPECT_DOUBLE_EQ(CostOf(step).seconds, 10);
  EXPECT_EQ(CostOf(step).bytes, 1000 * 3 * 8 * 2);
  step.train_part = false;
  step.rows = true;
  EXPECT_DOUBLE_EQ(CostOf(step).seconds, 2);
  EXPECT_EQ(CostOf(step).bytes, 2 * 4 * 8 * 2) << "the pooled state is one more";
}

TEST(Forecast, HeadsCostTheirMultiplyAddsAtTheBackbonesRate) {
  Step step;
  step.kind = StepKind::kTrain;
  step.heads = {"last-layer"};
  step.epochs = 3;
  const double work = FindHead("last-layer", Figures().dims).outline(Figures().dims, 100).multiply_adds();
  const double rate = 50.0 * 2 * (4 * 8 * 8 + 2 * 8 * 16);
  EXPECT_DOUBLE_EQ(CostOf(step).seconds, work * (2 * 3 * 10 + 2) / rate);
  const double one = CostOf(step).seconds;
  step.heads = {"last-layer", "layer-0"};
  EXPECT_DOUBLE_EQ(CostOf(step).seconds, 2 * one) << "a probe costs what the last layer's does";
}

TEST(Forecast, WhatTakesSecondsHasNone) {
  Step step;
  step.kind = StepKind::kReport;
  EXPECT_EQ(CostOf(step).seconds, 0);
}

TEST(Forecast, IsCorrectedByWhatWorkOfTheSameKindTook) {
  const std::vector<Experience> finished = {{StepKind::kTrain, 10, 30},
                                            {StepKind::kTrain, 10, 10},
                                            {StepKind::kExtract, 10, 5},
                                            {StepKind::kReport, 0, 2}};
  EXPECT_DOUBLE_EQ(Correction(finished, StepKind::kTrain), 2);
  EXPECT_DOUBLE_EQ(Correction(finished, StepKind::kExtract), 0.5);
  EXPECT_DOUBLE_EQ(Correction(finished, StepKind::kReport), 1);
  EXPECT_DOUBLE_EQ(Correction(finished, StepKind::kFineTune), 1);
}

}  // namespace
}  // namespace bv::study
