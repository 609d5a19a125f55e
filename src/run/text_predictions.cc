#include "run/text_predictions.h"

#include "base/file.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr int kRegressionDecimals = 3;  // of predict_results_<task>.txt, as Hugging Face's example has them

OrderedJson Shown(const Task& task, double prediction) {
  if (task.kind == TaskKind::kRegression) return prediction;
  return task.labels[static_cast<size_t>(prediction)];
}

OrderedJson ProbabilitiesJson(const Task& task, const TextPredictions& predictions, int64_t example) {
  const std::vector<double> shares = predictions.Probabilities(example);
  OrderedJson json = OrderedJson::object();
  for (size_t label = 0; label < shares.size(); ++label) json[task.labels[label]] = shares[label];
  return json;
}

}  // namespace

void WriteTextPredictions(const std::filesystem::path& folder, const TaskExamples& examples,
                          const TextPredictions& predictions) {
  const Task& task = examples.task;
  OrderedJson chosen = OrderedJson::object(), probabilities = OrderedJson::object();
  std::string results = "index\tprediction\n";
  for (int64_t i = 0; i < examples.size(); ++i) {
    const double value = predictions.values[static_cast<size_t>(i)];
    const OrderedJson shown = Shown(task, value);
    chosen[examples.Id(i)] = shown;
    results +=
        Cat(i, "\t", shown.is_string() ? shown.get<std::string>() : Fixed(value, kRegressionDecimals), "\n");
    if (!task.labels.empty()) probabilities[examples.Id(i)] = ProbabilitiesJson(task, predictions, i);
  }
  WriteJsonFile(folder / "predictions.json", chosen);
  if (!task.labels.empty()) WriteJsonFile(folder / "probabilities.json", probabilities);
  WriteFileAtomically(folder / Cat("predict_results_", task.name, ".txt"), results);
}

OrderedJson TextPredictionJson(const TaskExamples& examples, const TextPredictions& predictions,
                               int64_t example) {
  const Task& task = examples.task;
  const double value = predictions.values[static_cast<size_t>(example)];
  OrderedJson json = {{"id", examples.Id(example)}};
  json[task.labels.empty() ? "value" : "label"] = Shown(task, value);
  if (!task.labels.empty()) json["probabilities"] = ProbabilitiesJson(task, predictions, example);
  return json;
}

}  // namespace bv
