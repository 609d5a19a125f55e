#include "heads/head_outline.h"

#include <algorithm>

#include "base/strings.h"

namespace bv {

void HeadOutline::Add(const std::string& what, const std::vector<int64_t>& shape, int64_t parameters,
                      double multiply_adds, double kept) {
  std::vector<std::string> sizes;
  for (const int64_t size : shape) {
    if (size == kTokens && rows_) continue;
    sizes.push_back(size == kTokens ? "T" : std::to_string(size));
  }
  stages_.push_back({what, Cat("[", Join(sizes, ", "), "]"), parameters, multiply_adds, kept});
}

int64_t HeadOutline::parameters() const {
  int64_t sum = 0;
  for (const HeadStage& stage : stages_) sum += stage.parameters;
  return sum;
}

double HeadOutline::multiply_adds() const {
  double sum = 0;
  for (const HeadStage& stage : stages_) sum += stage.multiply_adds;
  return sum;
}

double HeadOutline::kept() const {
  double sum = 0;
  for (const HeadStage& stage : stages_) sum += stage.kept;
  return sum;
}

double HeadOutline::largest() const {
  double largest = 0;
  for (const HeadStage& stage : stages_) largest = std::max(largest, stage.kept);
  return largest;
}

}  // namespace bv
