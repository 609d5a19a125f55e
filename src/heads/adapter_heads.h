// Heads with adapters: a down-projection with GELU for the states of every layer, flattened, and a linear
// output (rows 7 to 16 of spec section C and the AP head for SQuAD of section D; building blocks B.1 and B.3
// to B.8).
#pragma once

#include <memory>
#include <string>

#include "heads/dense_blocks.h"
#include "heads/head.h"

namespace bv {

struct AdapterShape {
  // What is adapted: the state of every layer; the learned pooling of them; or both, with an adapter each.
  enum class Input { kLayers, kPooled, kLayersAndPooled };
  Input input = Input::kLayers;
  int64_t width = 64;  // d
  bool shared = true;  // one adapter for all layers, or one per layer (kLayers only)
  bool skip = false;   // the last layer's state goes to the output too
  DenseStyle style = DenseStyle::kKeras;
};

// Parameters, in this order where the shape has them:
//   pooling.weight [L], pooling.scale []
//   adapter.weight [H, d], adapter.bias [d]; one per layer: [L, H, d], [L, d]
//   pooled_adapter.weight [H, d], pooled_adapter.bias [d]
//   output.weight [F, 2], output.bias [2]; the F rows: feature j of layer l at row j * L + l, then the d
//   pooled features, then the H values of the last layer's state
std::unique_ptr<Head> MakeAdapterHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                      const AdapterShape& shape);

}  // namespace bv
