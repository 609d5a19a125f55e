#include "bert/multiply_adds.h"

namespace bv {

std::array<LinearShape, 4> LayerProducts(int64_t hidden, int64_t intermediate) {
  return {{{hidden, 3 * hidden}, {hidden, hidden}, {hidden, intermediate}, {intermediate, hidden}}};
}

double LinearMultiplyAdds(int64_t layers, int64_t hidden, int64_t intermediate) {
  double of_layer = 0;
  for (const LinearShape& shape : LayerProducts(hidden, intermediate)) of_layer += shape.multiply_adds();
  return static_cast<double>(layers) * of_layer;
}

double AttentionMultiplyAdds(int64_t layers, int64_t hidden, int64_t tokens) {
  return 2 * static_cast<double>(layers) * static_cast<double>(hidden) * static_cast<double>(tokens);
}

}  // namespace bv
