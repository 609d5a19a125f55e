// Scores of classification out of counts: an accumulator of gold and predicted classes that knows no model.
// Equal to scikit-learn's of the same names, except that what is undefined is NaN here (there: 0 and a
// warning). Pure values; one owner while it is added to, then safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bv {

// One class against all others.
struct ClassScores {
  double precision = 0;  // NaN where the class was never predicted
  double recall = 0;     // NaN where there is no example of it
  double f1 = 0;         // NaN where both are undefined
  int64_t support = 0;   // examples of the class
};

class ConfusionMatrix {
 public:
  // Errors (kInternal): fewer classes than one.
  explicit ConfusionMatrix(int32_t classes);

  // Errors (kInternal): a class outside [0, classes()).
  void Add(int32_t gold, int32_t predicted);

  int32_t classes() const { return classes_; }
  int64_t total() const { return total_; }
  int64_t Count(int32_t gold, int32_t predicted) const { return counts_[Place(gold, predicted)]; }

  // Shares in 0..1; NaN of nothing.
  double Accuracy() const;
  ClassScores Of(int32_t positive) const;
  // The mean of the classes' F1; classes that are neither gold nor predicted anywhere do not count.
  double MacroF1() const;
  // Matthews' correlation for any number of classes (Gorodkin's R_K), -1..1; NaN where all golds or all
  // predictions are of one class.
  double Matthews() const;

 private:
  size_t Place(int32_t gold, int32_t predicted) const;
  int64_t Golds(int32_t of) const;
  int64_t Predictions(int32_t of) const;

  int32_t classes_;
  int64_t total_ = 0;
  std::vector<int64_t> counts_;  // [gold, predicted]
};

}  // namespace bv
