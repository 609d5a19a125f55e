// The interface of every head: a small network from the hidden states of all layers to logits. Not an
// encoder, not a loss, not a trainer. Forward is const, so a head that nobody trains may be called from any
// thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensorfile/tensor_file.h"

namespace bv {

// What a head needs to know of the backbone whose states it reads.
struct BackboneDims {
  int64_t layers = 0;  // L: states per token, the embedding block's and every encoder layer's
  int64_t hidden = 0;  // H
  bool operator==(const BackboneDims&) const = default;
};

class Head {
 public:
  Head(std::string name, const BackboneDims& dims, uint64_t seed);
  virtual ~Head() = default;
  Head(const Head&) = delete;
  Head& operator=(const Head&) = delete;

  // states: [N, L, H] in f32, bf16 or f16, the tokens of all windows end to end; offsets: [B + 1] i64 on the
  // CPU, window b is tokens offsets[b] to offsets[b+1]. Returns [N, 2] f32: start and end logits. Arithmetic
  // is f32 whatever the states are stored in. Gradients reach the parameters, never the states.
  at::Tensor Forward(const at::Tensor& states, const at::Tensor& offsets) const;

  const std::string& name() const { return name_; }
  const BackboneDims& dims() const { return dims_; }
  // f32 leaves that require gradients, in a fixed order; the names are those in saved files.
  const std::vector<NamedTensor>& parameters() const { return parameters_; }
  int64_t ParameterCount() const;
  // Moves the parameters; handles given out by parameters() move with them. Gradients are dropped.
  void To(const at::Device& device);

 protected:
  // Initialisers of spec section B. Each tensor has its own random stream, named by (seed, head, tensor), so
  // a head starts alike whatever else is trained beside it.
  at::Tensor AddConstant(const std::string& name, at::IntArrayRef shape, double value);
  at::Tensor AddNormal(const std::string& name, at::IntArrayRef shape, double sigma);
  // Normal, redrawn beyond two sigma.
  at::Tensor AddTruncatedNormal(const std::string& name, at::IntArrayRef shape, double sigma);
  // [fan_in, fan_out], uniform within sqrt(6 / (fan_in + fan_out)).
  at::Tensor AddGlorotUniform(const std::string& name, int64_t fan_in, int64_t fan_out);

 private:
  virtual at::Tensor Logits(const at::Tensor& states, const at::Tensor& offsets) const = 0;
  at::Tensor Add(const std::string& name, at::Tensor value);

  std::string name_;
  BackboneDims dims_;
  uint64_t seed_;
  std::vector<NamedTensor> parameters_;
};

}  // namespace bv
