#include "analysis/confidence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "base/json_number.h"
#include "base/strings.h"

namespace bv {
namespace {

void RequireSizes(size_t values, std::initializer_list<size_t> others) {
  for (const size_t other : others) {
    if (values == 0 || other != values)
      throw Error(ErrorKind::kInternal, Cat("confidences of ", values, " questions, outcomes of ", other));
  }
}

size_t BinOf(double confidence, int bins) {
  const auto bin = static_cast<int64_t>(std::ceil(confidence * bins)) - 1;
  return static_cast<size_t>(std::clamp<int64_t>(bin, 0, bins - 1));
}

OrderedJson BinsJson(const Calibration& calibration, const char* what) {
  OrderedJson list = OrderedJson::array();
  for (const CalibrationBin& bin : calibration.bins) {
    list.push_back({{"low", bin.low},
                    {"high", bin.high},
                    {what, bin.questions},
                    {"confidence", NumberOrNull(bin.confidence)},
                    {"accuracy", NumberOrNull(bin.accuracy)}});
  }
  return list;
}

// The answers' best spans scored, whatever the null odds say.
SquadScores BestSpanScores(const RunSet& set, const AnalysedRun& run) {
  Predictions best;
  for (size_t i = 0; i < run.answers.size(); ++i) {
    best[set.data.examples[i].id] = run.answers[i].best_text;
  }
  return ScoreSquad(set.data, best);
}

// The study's answers have none: the surest come first.
std::vector<double> OddsOf(const AnalysedRun& run) {
  std::vector<double> odds;
  for (const DecodedAnswer& answer : run.answers)
    odds.push_back(answer.has_null ? answer.null_odds : -answer.score);
  return odds;
}

}  // namespace

Calibration Calibrate(std::span<const double> confidence, std::span<const double> right, int bins) {
  RequireSizes(confidence.size(), {right.size()});
  Calibration result;
  for (int b = 0; b < bins; ++b) {
    result.bins.push_back({static_cast<double>(b) / bins, static_cast<double>(b + 1) / bins, 0, 0, 0});
  }
  const auto total = static_cast<double>(confidence.size());
  for (size_t i = 0; i < confidence.size(); ++i) {
    CalibrationBin& bin = result.bins[BinOf(confidence[i], bins)];
    ++bin.questions;
    bin.confidence += confidence[i];
    bin.accuracy += right[i];
    result.confidence += confidence[i] / total;
    result.accuracy += right[i] / total;
    result.brier += (confidence[i] - right[i]) * (confidence[i] - right[i]) / total;
  }
  for (CalibrationBin& bin : result.bins) {
    const auto count = static_cast<double>(bin.questions);
    bin.confidence /= count;
    bin.accuracy /= count;
    if (bin.questions == 0) continue;
    const double error = std::abs(bin.accuracy - bin.confidence);
    result.expected_error += count / total * error;
    result.largest_error = std::max(result.largest_error, error);
  }
  return result;
}

double AnswerConfidence(const DecodedAnswer& answer) {
  double sum = 0;
  for (const SpanCandidate& candidate : answer.n_best) {
    if (candidate.text == answer.text) sum += candidate.probability;
  }
  return std::min(sum, 1.0);
}

RiskCoverage MeasureRisk(std::span<const double> odds, std::span<const double> exact,
                         std::span<const double> f1) {
  RequireSizes(odds.size(), {exact.size(), f1.size()});
  std::vector<size_t> order(odds.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return odds[a] < odds[b]; });
  RiskCoverage result;
  const auto total = static_cast<double>(order.size());
  double exact_sum = 0, f1_sum = 0;
  size_t percent = 1;
  for (size_t i = 0; i < order.size(); ++i) {
    exact_sum += exact[order[i]];
    f1_sum += f1[order[i]];
    const auto answered = static_cast<double>(i + 1);
    const RiskPoint point = {0, odds[order[i]], 100 * exact_sum / answered, 100 * f1_sum / answered};
    result.exact_area += (100 - point.exact) / total;
    result.f1_area += (100 - point.f1) / total;
    // A percent of the questions is never less than one of them.
    for (; percent <= 100 && 100 * (i + 1) >= percent * order.size(); ++percent) {
      result.points.push_back(point);
      result.points.back().coverage = static_cast<double>(percent);
    }
  }
  return result;
}

Finding CalibrationFinding(const std::vector<RunConfidence>& runs, int bins, const char* what) {
  Finding finding = {
      "calibration",
      "Calibration: how sure predictions are, and how often they are right, by how sure they are",
      Table({{"run", Align::kLeft},
             {"probability", Align::kLeft},
             {what},
             {"confidence", Align::kRight, 3},
             {"accuracy", Align::kRight, 3},
             {"ECE", Align::kRight, 3},
             {"MCE", Align::kRight, 3},
             {"Brier", Align::kRight, 3}}),
      OrderedJson::array()};
  for (const RunConfidence& run : runs) {
    const Calibration c = Calibrate(run.confidence, run.right, bins);
    finding.table.AddRow({run.run, "all", static_cast<int64_t>(run.confidence.size()), c.confidence,
                          c.accuracy, c.expected_error, c.largest_error, c.brier});
    for (const CalibrationBin& bin : c.bins) {
      finding.table.AddRow({"", Cat(Fixed(bin.low, 2), " to ", Fixed(bin.high, 2)), bin.questions,
                            bin.confidence, bin.accuracy, Cell(), Cell(), Cell()});
    }
    finding.json.push_back({{"run", run.run},
                            {"confidence", c.confidence},
                            {"accuracy", c.accuracy},
                            {"expected_calibration_error", c.expected_error},
                            {"maximum_calibration_error", c.largest_error},
                            {"brier", c.brier},
                            {"bins", BinsJson(c, what)}});
  }
  return finding;
}

Finding CalibrationFinding(const RunSet& set, int bins) {
  std::vector<RunConfidence> runs;
  for (const AnalysedRun& run : set.runs) {
    std::vector<double> confidence;
    for (const DecodedAnswer& answer : run.answers) confidence.push_back(AnswerConfidence(answer));
    runs.push_back({run.name, std::move(confidence), ScoresOf(run).exact_values});
  }
  return CalibrationFinding(runs, bins, "questions");
}

Finding RiskCoverageFinding(const RunSet& set) {
  Finding finding = {"risk-coverage",
                     "F1 of the best spans where only the questions with the lowest null odds are answered",
                     Table({{"run", Align::kLeft},
                            {"10 %"},
                            {"20 %"},
                            {"40 %"},
                            {"60 %"},
                            {"80 %"},
                            {"100 %"},
                            {"area EM risk"},
                            {"area F1 risk"}}),
                     OrderedJson::array()};
  for (const AnalysedRun& run : set.runs) {
    const SquadScores scores = BestSpanScores(set, run);
    const RiskCoverage risk = MeasureRisk(OddsOf(run), scores.exact_values, scores.f1_values);
    std::vector<Cell> cells = {run.name};
    for (const size_t percent : {10U, 20U, 40U, 60U, 80U, 100U})
      cells.emplace_back(risk.points[percent - 1].f1);
    cells.emplace_back(risk.exact_area);
    cells.emplace_back(risk.f1_area);
    finding.table.AddRow(std::move(cells));
    OrderedJson points = OrderedJson::array();
    for (const RiskPoint& point : risk.points) {
      points.push_back({{"coverage", point.coverage},
                        {"threshold", point.threshold},
                        {"exact", point.exact},
                        {"f1", point.f1}});
    }
    finding.json.push_back({{"run", run.name},
                            {"exact_risk_area", risk.exact_area},
                            {"f1_risk_area", risk.f1_area},
                            {"points", points}});
  }
  return finding;
}

}  // namespace bv
