// What a run's confidence is worth: calibration (does an answer given with probability p turn out right in a
// share p of the cases?) and risk against coverage (what is gained by answering only where the null odds are
// low?). Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analysis/finding.h"
#include "analysis/run_set.h"

namespace bv {

// Probabilities in (low, high], the first bin with 0; means are NaN where the bin is empty.
struct CalibrationBin {
  double low = 0, high = 0;
  int64_t questions = 0;
  double confidence = 0, accuracy = 0;
};

struct Calibration {
  std::vector<CalibrationBin> bins;
  double confidence = 0, accuracy = 0;  // over all
  double expected_error = 0;            // ECE: mean of |accuracy - confidence| of the bins, by questions
  double largest_error = 0;             // MCE: the largest of any bin
  double brier = 0;                     // mean squared distance of confidence and right or wrong
};

// Equally wide bins. confidence in [0, 1]; right: 0 or 1. Errors (kInternal): sizes differ, or nothing.
Calibration Calibrate(std::span<const double> confidence, std::span<const double> right, int bins);

// The probability that the answer given has among the n-best: of all its entries with the same text.
double AnswerConfidence(const DecodedAnswer& answer);

// Where the questions with the lowest null odds are answered, each with its best span, and no others.
struct RiskPoint {
  double coverage = 0;       // percent of the questions
  double threshold = 0;      // the highest null odds among them
  double exact = 0, f1 = 0;  // percent, over the questions that are answered
};

struct RiskCoverage {
  std::vector<RiskPoint> points;       // at 1 %, 2 %, …, 100 %
  double exact_area = 0, f1_area = 0;  // mean risk (100 - score) over all coverages, percent; lower is better
};

// Errors (kInternal): sizes differ, or nothing.
RiskCoverage MeasureRisk(std::span<const double> odds, std::span<const double> exact,
                         std::span<const double> f1);

// How sure a run was of each of its answers, and whether it was right.
struct RunConfidence {
  std::string run;
  std::vector<double> confidence, right;
};

// The analysis named calibration, of answers or of classes; what: the title of the column that counts them.
Finding CalibrationFinding(const std::vector<RunConfidence>& runs, int bins, const char* what);
Finding CalibrationFinding(const RunSet& set, int bins);
Finding RiskCoverageFinding(const RunSet& set);

}  // namespace bv
