// Whether confidences can be believed, and what abstaining would gain: reliability table, expected
// calibration error, and the risk-coverage curve with its area. They know no model: a confidence is any
// number, the higher the surer (for calibration a probability). Pure functions: safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace bv {

// Predictions with low < confidence <= high (the lowest bin holds 0 too).
struct ReliabilityBin {
  double low = 0;
  double high = 0;
  int64_t count = 0;
  double confidence = 0;  // mean; NaN in an empty bin
  double accuracy = 0;    // share of right predictions; NaN in an empty bin
};

// Bins of equal width over 0..1. confidence: probability of the predicted class; right: 1 or 0. Errors
// (kInternal): no bins, columns of different lengths, confidences outside 0..1.
std::vector<ReliabilityBin> ReliabilityTable(std::span<const double> confidence,
                                             std::span<const double> right, int32_t bins = 15);

// Expected calibration error: the mean over all predictions of |confidence - accuracy| of their bins; NaN of
// nothing (Guo et al. 2017).
double ExpectedCalibrationError(const std::vector<ReliabilityBin>& table);

// A system that answers only where its confidence is threshold or more.
struct RiskCoveragePoint {
  double threshold = 0;
  double coverage = 0;  // share of examples answered, in (0, 1]
  double risk = 0;      // mean loss of those
};

// One point per distinct confidence, from the surest on; the last covers everything. loss: one per example,
// lower is better (1 - right, or 1 - F1). Errors (kInternal): columns of different lengths, NaN.
std::vector<RiskCoveragePoint> RiskCoverageCurve(std::span<const double> confidence,
                                                 std::span<const double> loss);

// The area under that curve (El-Yaniv and Wiener 2010; AURC): the mean over k of the risk of the k surest
// examples. Where confidences are equal, the mean over all orders of these examples. NaN of nothing.
double RiskCoverageArea(std::span<const double> confidence, std::span<const double> loss);

}  // namespace bv
