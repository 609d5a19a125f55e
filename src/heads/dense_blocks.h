// The parts without convolutions that heads are put together from: pooling over layers, an adapter, a linear
// output (spec B.1 to B.3, B.7). Each owns its weights' handles, which lie in the head's HeadWeights. Calls
// are const and safe from any thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "heads/head_outline.h"
#include "heads/head_weights.h"

namespace bv {

// How a linear layer starts and which GELU goes with it: as the TF heads of the paper (tanh form; adapters
// normal with sigma 1e-3 cut at two sigma, outputs Glorot uniform, biases 0), or as its torch heads (erf
// form, PyTorch's default for linear layers).
enum class DenseStyle { kKeras, kTorch };

at::Tensor Gelu(const at::Tensor& x, DenseStyle style);

// [N, L, H] to [N, H]: s * sum_l softmax(w)_l * x_l, or the mean over layers. Parameters of the first:
// pooling.weight [L], pooling.scale [].
class Pooling {
 public:
  enum class Kind { kLearned, kMean };
  Pooling(HeadWeights* weights, int64_t layers, Kind kind);
  at::Tensor operator()(const at::Tensor& states) const;
  void Describe(int64_t hidden, HeadOutline* outline) const;

 private:
  int64_t layers_;
  at::Tensor weight_, scale_;
};

// gelu(x W + b) of rows. Parameters: <name>.weight [in, d], <name>.bias [d].
class Adapter {
 public:
  Adapter(HeadWeights* weights, const std::string& name, int64_t in, int64_t width, DenseStyle style);
  int64_t width() const { return bias_.size(0); }
  at::Tensor operator()(const at::Tensor& rows) const;
  // rows: of a window.
  void Describe(const std::vector<int64_t>& shape, double rows, HeadOutline* outline) const;

 private:
  DenseStyle style_;
  at::Tensor weight_, bias_;
};

// features W + b. Parameters: output.weight [F, C], output.bias [C].
class Output {
 public:
  Output(HeadWeights* weights, int64_t features, int64_t outputs, DenseStyle style = DenseStyle::kKeras);
  at::Tensor operator()(const at::Tensor& features) const;
  // Rows of states, which may be in 16 bits and get no gradient.
  at::Tensor OfStates(const at::Tensor& states) const;
  const at::Tensor& weight() const { return weight_; }
  const at::Tensor& bias() const { return bias_; }
  // per_token: the output stands at every token, else once a window.
  void Describe(bool per_token, HeadOutline* outline) const;

 private:
  at::Tensor weight_, bias_;
};

}  // namespace bv
