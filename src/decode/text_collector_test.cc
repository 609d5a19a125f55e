#include "decode/text_collector.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace bv {
namespace {

using testing::ElementsAre;

TaskExamples Answerability(size_t questions) {
  TaskExamples examples;
  examples.task = {TaskKind::kAnswerability, "answerability", {"answerable", "unanswerable"}};
  for (size_t i = 0; i < questions; ++i) {
    QaExample example;
    example.id = "q" + std::to_string(i);
    examples.questions.examples.push_back(example);
  }
  return examples;
}

void Add(TextCollector* collector, int64_t example, const std::vector<std::vector<float>>& systems,
         int32_t window = 0) {
  std::vector<std::span<const float>> rows(systems.begin(), systems.end());
  collector->Add(example, window, rows);
}

TextPredictions Decided(const TaskExamples& examples, const TextCollector& collector, int64_t system = 0) {
  return DecideTexts(examples, collector.Logits(system));
}

TEST(TextCollector, AQuestionIsAnswerableIfAnyWindowIsAndThePublishedMergeIsTheOtherWayRound) {
  const TaskExamples examples = Answerability(3);
  TextCollector collector(examples, 1);
  Add(&collector, 0, {{0, 5}});  // unanswerable here,
  Add(&collector, 0, {{2, 1}});  // answerable there
  Add(&collector, 1, {{0, 3}});
  Add(&collector, 2, {{3, 0}});
  Add(&collector, 1, {{0, 1}});
  const TextPredictions predictions = Decided(examples, collector);
  EXPECT_THAT(predictions.values, ElementsAre(0, 1, 0));
  EXPECT_THAT(predictions.published, ElementsAre(1, 1, 0));
  EXPECT_THAT(predictions.LogitsOf(0), ElementsAre(2, 1));  // of the window that decides
  EXPECT_THAT(predictions.LogitsOf(1), ElementsAre(0, 1));
  EXPECT_NEAR(predictions.Probabilities(0)[0], 1 / (1 + std::exp(-1.0)), 1e-7);
}

TEST(TextCollector, SystemsAreKeptApartAndEqualLogitsGiveTheFirstClass) {
  TaskExamples examples;
  examples.task = {TaskKind::kClassification, "classification", {"a", "b", "c"}};
  examples.texts.examples.resize(2);
  TextCollector collector(examples, 2);
  Add(&collector, 1, {{0, 1, 1}, {0, 0, 2}});
  Add(&collector, 0, {{0, 0, 0}, {-1, -2, -3}});
  EXPECT_THAT(Decided(examples, collector).values, ElementsAre(0, 1));
  EXPECT_THAT(Decided(examples, collector, 1).values, ElementsAre(0, 2));
  EXPECT_TRUE(Decided(examples, collector, 1).published.empty());
}

TEST(TextCollector, LogitsStandInTheOrderOfTheWindowsWhateverTheBatchesWere) {
  const TaskExamples examples = Answerability(2);
  TextCollector collector(examples, 1);
  Add(&collector, 1, {{5, 6}}, 2);
  Add(&collector, 0, {{3, 4}}, 1);
  Add(&collector, 0, {{1, 2}}, 0);
  const TextLogits logits = collector.Logits(0);
  EXPECT_THAT(logits.logits, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(logits.example, ElementsAre(0, 0, 1));
}

TEST(TextCollector, ARegressionsPredictionIsItsLogit) {
  TaskExamples examples;
  examples.task = {TaskKind::kRegression, "regression", {}};
  examples.texts.examples.resize(1);
  TextCollector collector(examples, 1);
  Add(&collector, 0, {{2.5F}});
  EXPECT_THAT(Decided(examples, collector).values, ElementsAre(2.5));
}

TEST(TextCollector, MissingWindowsAndLogitsThatAreNotFiniteAreErrors) {
  const TaskExamples examples = Answerability(2);
  TextCollector missing(examples, 1);
  Add(&missing, 1, {{0, 1}});
  EXPECT_THROW(Decided(examples, missing), Error);
  TextCollector broken(examples, 1);
  Add(&broken, 0, {{0, std::numeric_limits<float>::quiet_NaN()}});
  Add(&broken, 1, {{0, 1}});
  EXPECT_THROW(Decided(examples, broken), Error);
  EXPECT_THROW(Add(&broken, 2, {{0, 1}}), Error);
  EXPECT_THROW(Add(&broken, 0, {{0, 1, 2}}), Error);
}

}  // namespace
}  // namespace bv
