// What a window's way through an encoder costs, counted in multiply-adds from sizes alone: for forecasts, and
// for setting measured rates beside what a machine's products allow. Products are counted; embeddings,
// LayerNorm, softmax and activations are not. Pure functions.
#pragma once

#include <array>
#include <cstdint>

namespace bv {

// The weight of a linear layer: rows of `in` values become rows of `out`.
struct LinearShape {
  int64_t in = 0, out = 0;

  // Of one row.
  double multiply_adds() const { return static_cast<double>(in) * static_cast<double>(out); }
};

// Those of an encoder layer as inference computes them: queries, keys and values in one, the attention's
// output, and the two of the feed-forward block.
std::array<LinearShape, 4> LayerProducts(int64_t hidden, int64_t intermediate);

// Of one token in the linear layers of so many encoder layers.
double LinearMultiplyAdds(int64_t layers, int64_t hidden, int64_t intermediate);

// Of one token of a window of so many, in the attention of so many encoder layers: scores with every token,
// and the sum of their values.
double AttentionMultiplyAdds(int64_t layers, int64_t hidden, int64_t tokens);

}  // namespace bv
