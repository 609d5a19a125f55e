#include "metrics/task_scores.h"

#include "base/error.h"
#include "base/strings.h"
#include "data/glue_tasks.h"
#include "metrics/confusion_matrix.h"
#include "metrics/correlation.h"

namespace bv {
namespace {

double MeanSquaredError(std::span<const double> predictions, std::span<const double> golds) {
  double sum = 0;
  for (size_t i = 0; i < golds.size(); ++i) {
    const double difference = predictions[i] - golds[i];
    sum += difference * difference;
  }
  return sum / static_cast<double>(golds.size());
}

double RegressionScore(const std::string& name, std::span<const double> predictions,
                       std::span<const double> golds) {
  if (name == "pearson") return Pearson(predictions, golds);
  if (name == "spearman") return Spearman(predictions, golds);
  return MeanSquaredError(predictions, golds);
}

double ClassScore(const std::string& name, const ConfusionMatrix& matrix) {
  if (name == "accuracy") return matrix.Accuracy();
  if (name == "f1") return matrix.Of(1).f1;
  return name == "matthews" ? matrix.Matthews() : matrix.MacroF1();
}

}  // namespace

std::vector<std::string> MetricNames(const Task& task) {
  if (const GlueTask* glue = GlueTaskOrNull(task.name)) return glue->metrics;
  if (task.kind == TaskKind::kRegression) return {"pearson", "spearman", "mse"};
  if (task.kind == TaskKind::kAnswerability) return {"accuracy", "f1"};
  if (task.labels.size() == 2) return {"accuracy", "f1", "matthews"};
  return {"accuracy", "macro_f1"};
}

double GoldValue(const TaskExamples& examples, int64_t example) {
  const auto i = static_cast<size_t>(example);
  if (examples.task.kind == TaskKind::kAnswerability)
    return examples.questions.examples[i].impossible ? 1 : 0;
  const TextExample& text = examples.texts.examples[i];
  return examples.task.kind == TaskKind::kRegression ? text.value : text.label;
}

double TaskScore(const Task& task, const std::string& metric, std::span<const double> predictions,
                 std::span<const double> golds) {
  if (predictions.size() != golds.size()) {
    throw Error(ErrorKind::kInternal, Cat(predictions.size(), " predictions for ", golds.size(), " golds"));
  }
  if (task.kind == TaskKind::kRegression) return RegressionScore(metric, predictions, golds);
  ConfusionMatrix matrix(static_cast<int32_t>(task.outputs()));
  for (size_t i = 0; i < predictions.size(); ++i)
    matrix.Add(static_cast<int32_t>(golds[i]), static_cast<int32_t>(predictions[i]));
  return ClassScore(metric, matrix);
}

std::vector<std::pair<std::string, double>> ScorePredictions(const TaskExamples& examples,
                                                             std::span<const double> predictions) {
  if (static_cast<int64_t>(predictions.size()) != examples.size()) {
    throw Error(ErrorKind::kInternal,
                Cat(predictions.size(), " predictions for ", examples.size(), " examples"));
  }
  std::vector<double> golds;
  golds.reserve(predictions.size());
  for (int64_t i = 0; i < examples.size(); ++i) golds.push_back(GoldValue(examples, i));
  std::vector<std::pair<std::string, double>> scores;
  for (const std::string& name : MetricNames(examples.task))
    scores.emplace_back(name, TaskScore(examples.task, name, predictions, golds));
  return scores;
}

}  // namespace bv
