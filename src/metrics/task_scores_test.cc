#include "metrics/task_scores.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"

namespace bv {
namespace {

using testing::ElementsAre;

TaskExamples Texts(Task task, const std::vector<double>& golds) {
  TaskExamples examples;
  examples.task = std::move(task);
  for (const double gold : golds) {
    TextExample example;
    example.label = static_cast<int32_t>(gold);
    example.value = gold;
    examples.texts.examples.push_back(example);
  }
  examples.texts.labelled = true;
  return examples;
}

std::vector<std::string> Names(const std::vector<std::pair<std::string, double>>& scores) {
  std::vector<std::string> names;
  names.reserve(scores.size());
  for (const auto& [name, value] : scores) names.push_back(name);
  return names;
}

TEST(TaskScores, EachTaskHasItsOwnMetrics) {
  const std::vector<double> golds = {0, 1, 1, 0}, predictions = {0, 1, 0, 0};
  const std::vector<std::string> two = {"0", "1"}, three = {"a", "b", "c"};
  const auto names = [&](Task task) {
    return Names(ScorePredictions(Texts(std::move(task), golds), predictions));
  };
  EXPECT_THAT(names({TaskKind::kClassification, "cola", two}), ElementsAre("matthews", "accuracy"));
  EXPECT_THAT(names({TaskKind::kClassification, "mrpc", two}), ElementsAre("accuracy", "f1"));
  EXPECT_THAT(names({TaskKind::kRegression, "sts-b", {}}), ElementsAre("pearson", "spearman"));
  EXPECT_THAT(names({TaskKind::kClassification, "classification", two}),
              ElementsAre("accuracy", "f1", "matthews"));
  EXPECT_THAT(names({TaskKind::kClassification, "answer-type", three}), ElementsAre("accuracy", "macro_f1"));
  EXPECT_THAT(names({TaskKind::kRegression, "regression", {}}), ElementsAre("pearson", "spearman", "mse"));
}

TEST(TaskScores, ValuesAreThoseDoneByHand) {
  const TaskExamples classes =
      Texts({TaskKind::kClassification, "classification", {"no", "yes"}}, {0, 1, 1, 0});
  const auto scores = ScorePredictions(classes, std::vector<double>{0, 1, 0, 0});
  EXPECT_DOUBLE_EQ(scores[0].second, 0.75);
  EXPECT_DOUBLE_EQ(scores[1].second, 2.0 / 3);                 // precision 1, recall 1/2
  EXPECT_DOUBLE_EQ(scores[2].second, 2 / std::sqrt(2.0 * 6));  // (1*2 - 0*1) / sqrt(1*2*2*3)
  const TaskExamples values = Texts({TaskKind::kRegression, "regression", {}}, {1, 2, 3});
  const auto of_values = ScorePredictions(values, std::vector<double>{2, 3, 4});
  EXPECT_DOUBLE_EQ(of_values[0].second, 1);
  EXPECT_DOUBLE_EQ(of_values[2].second, 1);
  EXPECT_THROW(ScorePredictions(values, std::vector<double>{2, 3}), Error);
}

TEST(TaskScores, TheClassOfAnswerabilitysF1IsUnanswerable) {
  TaskExamples examples;
  examples.task = {TaskKind::kAnswerability, "answerability", {"answerable", "unanswerable"}};
  for (const bool impossible : {true, true, false}) {
    QaExample example;
    example.impossible = impossible;
    examples.questions.examples.push_back(example);
  }
  const auto scores = ScorePredictions(examples, std::vector<double>{1, 0, 0});
  EXPECT_THAT(Names(scores), ElementsAre("accuracy", "f1"));
  EXPECT_DOUBLE_EQ(scores[0].second, 2.0 / 3);
  EXPECT_DOUBLE_EQ(scores[1].second, 2.0 / 3);
}

}  // namespace
}  // namespace bv
