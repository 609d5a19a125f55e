// What it costs that states are rounded: the error in each layer, and the score that a head loses which was
// trained on exact states and reads rounded ones. Measured on stores; prints nothing. One owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"

namespace bv {

struct RoundingCost {
  // Of each layer: the root of the mean square of the errors over that of the states.
  std::vector<double> layer_errors;
  // A head of the data's kind, trained on the training store; empty where the data has no labels.
  std::string head;
  int64_t trained = 0, held_out = 0;  // windows
  std::string metric;                 // the score's name, as in results files
  double exact = 0, rounded = 0;      // scores of the held-out examples, 100 the best
  std::optional<double> same;         // share of the held-out examples that are answered alike; no regression

  double cost() const { return exact - rounded; }
};

// train and exact: stores of states as they were computed. rounded: of the windows of `exact`, in the same
// order. Errors: those of OpenStores; kInternal for stores of other windows.
RoundingCost MeasureRounding(const fs::path& train, const fs::path& exact, const fs::path& rounded,
                             int threads);

}  // namespace bv
