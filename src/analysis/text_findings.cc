#include "analysis/text_findings.h"

#include <cmath>
#include <limits>

#include "analysis/confidence.h"
#include "analysis/context_length.h"
#include "base/json_number.h"
#include "base/strings.h"

namespace bv {
namespace {

// The probability of the class that is predicted.
std::vector<double> Confidences(const TextRunSet& set, const AnalysedTextRun& run) {
  std::vector<double> confidence;
  for (int64_t row = 0; row < set.rows.examples.size(); ++row) {
    const auto predicted = static_cast<size_t>(run.predictions.values[static_cast<size_t>(row)]);
    confidence.push_back(std::min(run.predictions.Probabilities(row)[predicted], 1.0));
  }
  return confidence;
}

double MeanLength(const std::vector<int64_t>& lengths, const std::vector<double>& counted) {
  double sum = 0, count = 0;
  for (size_t i = 0; i < lengths.size(); ++i) {
    sum += counted[i] * static_cast<double>(lengths[i]);
    count += counted[i];
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

std::vector<double> AbsoluteErrors(const TextRunSet& set, const AnalysedTextRun& run) {
  std::vector<double> errors;
  for (size_t i = 0; i < set.golds.size(); ++i)
    errors.push_back(std::abs(run.predictions.values[i] - set.golds[i]));
  return errors;
}

// Only this right, or only the first.
std::vector<double> Minus(const std::vector<double>& right, const std::vector<double>& other) {
  std::vector<double> only;
  for (size_t i = 0; i < right.size(); ++i) only.push_back(right[i] == 1 && other[i] == 0 ? 1 : 0);
  return only;
}

std::vector<Column> LengthColumns(bool classes) {
  std::vector<Column> columns = {{"run", Align::kLeft}, {"all", Align::kRight, 1}};
  if (classes) {
    for (const char* title : {"right", "only this right", "only first right"})
      columns.push_back({title, Align::kRight, 1});
  }
  const std::string score = classes ? "accuracy" : "error";
  for (const std::string& title : {score + " short", std::string("2nd"), std::string("3rd"), score + " long"})
    columns.push_back({title, Align::kRight, 4});
  return columns;
}

}  // namespace

ConfusionMatrix MatrixOf(const TextRunSet& set, const AnalysedTextRun& run) {
  ConfusionMatrix matrix(static_cast<int32_t>(set.task().outputs()));
  for (size_t i = 0; i < set.golds.size(); ++i)
    matrix.Add(static_cast<int32_t>(set.golds[i]), static_cast<int32_t>(run.predictions.values[i]));
  return matrix;
}

Finding ClassesFinding(const TextRunSet& set) {
  const std::vector<std::string>& labels = set.task().labels;
  std::vector<Column> columns = {
      {"run", Align::kLeft},           {"label", Align::kLeft},      {"rows"},
      {"precision", Align::kRight, 4}, {"recall", Align::kRight, 4}, {"F1", Align::kRight, 4}};
  for (const std::string& label : labels) columns.push_back({"as " + label});
  Finding finding = {"classes",
                     "Classes: precision, recall and F1, and what rows of each label were predicted as",
                     Table(std::move(columns)), OrderedJson::array()};
  for (const AnalysedTextRun& run : set.runs) {
    const ConfusionMatrix matrix = MatrixOf(set, run);
    OrderedJson list = OrderedJson::array();
    for (int32_t gold = 0; gold < matrix.classes(); ++gold) {
      const ClassScores scores = matrix.Of(gold);
      std::vector<Cell> cells = {gold == 0 ? run.name : "",
                                 labels[static_cast<size_t>(gold)],
                                 scores.support,
                                 scores.precision,
                                 scores.recall,
                                 scores.f1};
      OrderedJson predicted = OrderedJson::object();
      for (int32_t other = 0; other < matrix.classes(); ++other) {
        cells.emplace_back(matrix.Count(gold, other));
        predicted[labels[static_cast<size_t>(other)]] = matrix.Count(gold, other);
      }
      finding.table.AddRow(std::move(cells));
      list.push_back({{"label", labels[static_cast<size_t>(gold)]},
                      {"rows", scores.support},
                      {"precision", NumberOrNull(scores.precision)},
                      {"recall", NumberOrNull(scores.recall)},
                      {"f1", NumberOrNull(scores.f1)},
                      {"predicted_as", std::move(predicted)}});
    }
    finding.json.push_back({{"run", run.name}, {"labels", std::move(list)}});
  }
  return finding;
}

Finding TextLengthFinding(const TextRunSet& set) {
  const std::vector<int64_t>& lengths = set.rows.lengths;
  const bool classes = set.of_classes();
  const double all = MeanLength(lengths, std::vector<double>(lengths.size(), 1));
  Finding finding = {
      "text-length",
      classes ? "Text length in characters: means over right rows, and accuracy by quarters of length"
              : "Text length in characters, and the mean absolute error by quarters of length",
      Table(LengthColumns(classes)), OrderedJson::array()};
  for (const AnalysedTextRun& run : set.runs) {
    std::vector<Cell> cells = {run.name, all};
    OrderedJson json = {{"run", run.name}, {"mean_characters", all}};
    const std::vector<double> values = classes ? RightRows(set, run) : AbsoluteErrors(set, run);
    if (classes) {
      const std::vector<double> first = RightRows(set, set.runs[0]);
      const std::pair<const char*, double> means[] = {
          {"right", MeanLength(lengths, values)},
          {"only_this_right", MeanLength(lengths, Minus(values, first))},
          {"only_first_right", MeanLength(lengths, Minus(first, values))}};
      for (const auto& [name, mean] : means) {
        cells.emplace_back(mean);
        json[name] = NumberOrNull(mean);
      }
    }
    OrderedJson quarters = OrderedJson::array();
    for (const double quarter : MeanByQuarter(lengths, values)) {
      cells.emplace_back(quarter);
      quarters.push_back(NumberOrNull(quarter));
    }
    json[classes ? "quarter_accuracy" : "quarter_absolute_error"] = std::move(quarters);
    finding.table.AddRow(std::move(cells));
    finding.json.push_back(std::move(json));
  }
  return finding;
}

Finding TextCalibrationFinding(const TextRunSet& set, int bins) {
  std::vector<RunConfidence> runs;
  for (const AnalysedTextRun& run : set.runs)
    runs.push_back({run.name, Confidences(set, run), RightRows(set, run)});
  return CalibrationFinding(runs, bins, "rows");
}

Finding TextRiskFinding(const TextRunSet& set) {
  std::vector<Column> columns = {{"run", Align::kLeft}};
  constexpr int kShown[] = {10, 20, 40, 60, 80, 100};
  for (const int percent : kShown) columns.push_back({Cat(percent, " %"), Align::kRight, 4});
  columns.push_back({"area risk", Align::kRight, 4});
  Finding finding = {"risk-coverage",
                     "Accuracy where only the rows with the most probable labels are labelled",
                     Table(std::move(columns)), OrderedJson::array()};
  for (const AnalysedTextRun& run : set.runs) {
    std::vector<double> doubt;
    for (const double confidence : Confidences(set, run)) doubt.push_back(-confidence);
    const std::vector<double> right = RightRows(set, run);
    const RiskCoverage risk = MeasureRisk(doubt, right, right);
    std::vector<Cell> cells = {run.name};
    for (const int percent : kShown)
      cells.emplace_back(risk.points[static_cast<size_t>(percent) - 1].exact / 100);
    cells.emplace_back(risk.exact_area / 100);
    finding.table.AddRow(std::move(cells));
    OrderedJson points = OrderedJson::array();
    for (const RiskPoint& point : risk.points) {
      points.push_back(
          {{"coverage", point.coverage}, {"probability", -point.threshold}, {"accuracy", point.exact / 100}});
    }
    finding.json.push_back({{"run", run.name}, {"risk_area", risk.exact_area / 100}, {"points", points}});
  }
  return finding;
}

}  // namespace bv
