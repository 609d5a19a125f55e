#include "train/text_evaluation.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/strings.h"
#include "data/glue_tasks.h"
#include "metrics/confusion_matrix.h"
#include "metrics/correlation.h"

namespace bv {
namespace {

constexpr int32_t kUnanswerable = 1;

// Which window of a question decides: that of the least or of the greatest margin.
enum class Merge { kAnyAnswerable, kAnyUnanswerable };

double GoldOf(const TaskExamples& examples, size_t example) {
  if (examples.task.kind == TaskKind::kAnswerability)
    return examples.questions.examples[example].impossible ? kUnanswerable : 0;
  const TextExample& text = examples.texts.examples[example];
  return examples.task.kind == TaskKind::kRegression ? text.value : text.label;
}

double PredictionOf(std::span<const float> logits, bool regression) {
  if (regression) return logits[0];
  return static_cast<double>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

std::vector<double> Softmax(std::span<const float> logits) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> shares;
  for (const float logit : logits) shares.push_back(std::exp(logit - largest));
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

std::vector<std::string> MetricNames(const Task& task) {
  if (const GlueTask* glue = GlueTaskOrNull(task.name)) return glue->metrics;
  if (task.kind == TaskKind::kRegression) return {"pearson", "spearman", "mse"};
  if (task.kind == TaskKind::kAnswerability) return {"accuracy", "f1"};
  if (task.labels.size() == 2) return {"accuracy", "f1", "matthews"};
  return {"accuracy", "macro_f1"};
}

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

OrderedJson PredictionJson(const Task& task, double prediction) {
  if (task.kind == TaskKind::kRegression) return prediction;
  return task.labels[static_cast<size_t>(prediction)];
}

std::string ResultsText(const Task& task, const TextEvaluation& evaluation) {
  std::string text = "index\tprediction\n";
  for (size_t i = 0; i < evaluation.predictions.size(); ++i) {
    const OrderedJson shown = PredictionJson(task, evaluation.predictions[i]);
    text += Cat(i, "\t", shown.is_string() ? shown.get<std::string>() : Fixed(shown.get<double>(), 3), "\n");
  }
  return text;
}

// The window that decides for each example; only questions have several.
std::vector<int64_t> DecidingWindows(const std::vector<int32_t>& window_example, int64_t examples,
                                     const std::function<double(int64_t)>& margin, Merge merge) {
  std::vector<int64_t> deciding(static_cast<size_t>(examples), -1);
  for (size_t w = 0; w < window_example.size(); ++w) {
    int64_t& best = deciding[static_cast<size_t>(window_example[w])];
    const auto window = static_cast<int64_t>(w);
    const bool better = best < 0 || (merge == Merge::kAnyAnswerable ? margin(window) < margin(best)
                                                                    : margin(window) > margin(best));
    if (better) best = window;
  }
  return deciding;
}

}  // namespace

TextCollector::TextCollector(const TaskExamples& examples, int64_t systems)
    : examples_(examples), systems_(systems), outputs_(examples.task.outputs()) {}

void TextCollector::Add(const WindowPlaceInData& place, std::span<const std::span<const float>> logits) {
  if (static_cast<int64_t>(logits.size()) != systems_ || place.example < 0 ||
      place.example >= examples_.size()) {
    throw Error(ErrorKind::kInternal, Cat("a window of example ", place.example, " with ", logits.size(),
                                          " systems; there are ", examples_.size(), " and ", systems_));
  }
  window_example_.push_back(place.example);
  for (const auto& row : logits) {
    if (static_cast<int64_t>(row.size()) != outputs_)
      throw Error(ErrorKind::kInternal, Cat(row.size(), " logits of a window, needed: ", outputs_));
    window_logits_.insert(window_logits_.end(), row.begin(), row.end());
  }
}

TextEvaluation TextCollector::Evaluate(int64_t system) const {
  const auto row = [&](int64_t window) {
    return std::span(window_logits_)
        .subspan(static_cast<size_t>((window * systems_ + system) * outputs_), static_cast<size_t>(outputs_));
  };
  const auto margin = [&](int64_t window) {
    return outputs_ < 2 ? 0.0 : double{row(window)[1]} - row(window)[0];
  };
  const bool regression = examples_.task.kind == TaskKind::kRegression;
  const auto decide = [&](Merge merge, std::vector<float>* logits) {
    std::vector<double> predictions;
    const auto deciding = DecidingWindows(window_example_, examples_.size(), margin, merge);
    for (size_t example = 0; example < deciding.size(); ++example) {
      const std::string& id = examples_.Id(static_cast<int64_t>(example));
      if (deciding[example] < 0) throw Error(ErrorKind::kData, Cat("example ", Quoted(id), " has no window"));
      const auto decisive = row(deciding[example]);
      if (!std::all_of(decisive.begin(), decisive.end(), [](float v) { return std::isfinite(v); }))
        throw Error(ErrorKind::kData, Cat("the logits of example ", Quoted(id), " are not finite"));
      predictions.push_back(PredictionOf(decisive, regression));
      if (logits != nullptr) logits->insert(logits->end(), decisive.begin(), decisive.end());
    }
    return predictions;
  };
  TextEvaluation evaluation;
  evaluation.outputs = outputs_;
  evaluation.predictions = decide(Merge::kAnyAnswerable, &evaluation.logits);
  if (!examples_.labelled()) return evaluation;
  evaluation.scores = ScorePredictions(examples_, evaluation.predictions);
  if (examples_.task.kind == TaskKind::kAnswerability) {
    const auto published = decide(Merge::kAnyUnanswerable, nullptr);
    for (const auto& [name, value] : ScorePredictions(examples_, published))
      evaluation.scores.emplace_back("published_" + name, value);
  }
  return evaluation;
}

Metrics ScorePredictions(const TaskExamples& examples, std::span<const double> predictions) {
  if (static_cast<int64_t>(predictions.size()) != examples.size()) {
    throw Error(ErrorKind::kInternal,
                Cat(predictions.size(), " predictions for ", examples.size(), " examples"));
  }
  std::vector<double> golds;
  for (size_t i = 0; i < predictions.size(); ++i) golds.push_back(GoldOf(examples, i));
  Metrics scores;
  if (examples.task.kind == TaskKind::kRegression) {
    for (const std::string& name : MetricNames(examples.task))
      scores.emplace_back(name, RegressionScore(name, predictions, golds));
    return scores;
  }
  ConfusionMatrix matrix(static_cast<int32_t>(examples.task.outputs()));
  for (size_t i = 0; i < predictions.size(); ++i)
    matrix.Add(static_cast<int32_t>(golds[i]), static_cast<int32_t>(predictions[i]));
  for (const std::string& name : MetricNames(examples.task))
    scores.emplace_back(name, ClassScore(name, matrix));
  return scores;
}

Metrics EvaluationMetrics(const TextEvaluation& evaluation) {
  Metrics metrics = evaluation.scores;
  metrics.emplace_back("loss", evaluation.loss);
  metrics.emplace_back("runtime", evaluation.seconds);
  metrics.emplace_back("samples_per_second", static_cast<double>(evaluation.windows) / evaluation.seconds);
  return metrics;
}

void WriteTextPredictions(const std::filesystem::path& folder, const TaskExamples& examples,
                          const TextEvaluation& evaluation) {
  const Task& task = examples.task;
  OrderedJson predictions = OrderedJson::object(), probabilities = OrderedJson::object();
  for (size_t i = 0; i < evaluation.predictions.size(); ++i) {
    const std::string& id = examples.Id(static_cast<int64_t>(i));
    predictions[id] = PredictionJson(task, evaluation.predictions[i]);
    if (task.labels.empty()) continue;
    const auto classes = task.labels.size();
    const auto shares = Softmax(std::span(evaluation.logits).subspan(i * classes, classes));
    for (size_t c = 0; c < classes; ++c) probabilities[id][task.labels[c]] = shares[c];
  }
  WriteJsonFile(folder / "predictions.json", predictions);
  if (!task.labels.empty()) WriteJsonFile(folder / "probabilities.json", probabilities);
  WriteFileAtomically(folder / Cat("predict_results_", task.name, ".txt"), ResultsText(task, evaluation));
}

void WriteEvaluation(const std::filesystem::path& folder, const TaskExamples& examples,
                     const TextEvaluation& evaluation) {
  WriteTextPredictions(folder, examples, evaluation);
  WriteResults(folder, "eval", EvaluationMetrics(evaluation));
}

}  // namespace bv
