#include "metrics/confusion_matrix.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

double Ratio(int64_t part, int64_t whole) {
  if (whole == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(int32_t classes) : classes_(classes) {
  if (classes < 1) throw Error(ErrorKind::kInternal, Cat("a confusion matrix of ", classes, " classes"));
  counts_.resize(static_cast<size_t>(classes) * static_cast<size_t>(classes));
}

void ConfusionMatrix::Add(int32_t gold, int32_t predicted) {
  ++counts_[Place(gold, predicted)];
  ++total_;
}

double ConfusionMatrix::Accuracy() const {
  int64_t right = 0;
  for (int32_t c = 0; c < classes_; ++c) right += Count(c, c);
  return Ratio(right, total_);
}

ClassScores ConfusionMatrix::Of(int32_t positive) const {
  const int64_t right = Count(positive, positive);
  const int64_t golds = Golds(positive), predictions = Predictions(positive);
  return {Ratio(right, predictions), Ratio(right, golds), Ratio(2 * right, golds + predictions), golds};
}

double ConfusionMatrix::MacroF1() const {
  double sum = 0;
  int64_t defined = 0;
  for (int32_t c = 0; c < classes_; ++c) {
    const double f1 = Of(c).f1;
    if (std::isnan(f1)) continue;
    sum += f1;
    ++defined;
  }
  return defined == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(defined);
}

double ConfusionMatrix::Matthews() const {
  // Covariances times the square of the total: sums of products of counts, in double for large data.
  const auto total = static_cast<double>(total_);
  double right = 0, both = 0, golds_squared = 0, predictions_squared = 0;
  for (int32_t c = 0; c < classes_; ++c) {
    const auto golds = static_cast<double>(Golds(c)), predictions = static_cast<double>(Predictions(c));
    right += static_cast<double>(Count(c, c));
    both += golds * predictions;
    golds_squared += golds * golds;
    predictions_squared += predictions * predictions;
  }
  const double gold_variance = total * total - golds_squared;
  const double prediction_variance = total * total - predictions_squared;
  if (gold_variance <= 0 || prediction_variance <= 0) return std::numeric_limits<double>::quiet_NaN();
  return (right * total - both) / (std::sqrt(gold_variance) * std::sqrt(prediction_variance));
}

size_t ConfusionMatrix::Place(int32_t gold, int32_t predicted) const {
  if (gold < 0 || gold >= classes_ || predicted < 0 || predicted >= classes_) {
    throw Error(ErrorKind::kInternal,
                Cat("classes ", gold, " and ", predicted, " in a confusion matrix of ", classes_));
  }
  return static_cast<size_t>(gold) * static_cast<size_t>(classes_) + static_cast<size_t>(predicted);
}

int64_t ConfusionMatrix::Golds(int32_t of) const {
  int64_t sum = 0;
  for (int32_t c = 0; c < classes_; ++c) sum += Count(of, c);
  return sum;
}

int64_t ConfusionMatrix::Predictions(int32_t of) const {
  int64_t sum = 0;
  for (int32_t c = 0; c < classes_; ++c) sum += Count(c, of);
  return sum;
}

}  // namespace bv
