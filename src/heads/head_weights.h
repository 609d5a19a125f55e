// The named tensors of one head and how they start: parameters, which are trained, and buffers, which
// training only keeps up to date (running statistics). Not the arithmetic. Filled by a head's constructor;
// from then on the list is fixed.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tensorfile/tensor_file.h"

namespace bv {

// Where a new head's weights come from: a seed, or nowhere, for who wants to know their shapes alone.
class HeadInit {
 public:
  HeadInit(uint64_t seed) : seed_(seed) {}  // NOLINT: a seed is what nearly every caller has
  // Tensors without memory (LibTorch's meta device): a head built so can tell its sizes and nothing else.
  static HeadInit SizesOnly() {
    HeadInit init(0);
    init.sizes_only_ = true;
    return init;
  }
  uint64_t seed() const { return seed_; }
  bool sizes_only() const { return sizes_only_; }

 private:
  uint64_t seed_;
  bool sizes_only_ = false;
};

// Each tensor has its own random stream, named by (seed, head, tensor), so a head starts alike whatever else
// is trained beside it. The tensors are f32; parameters are leaves that require gradients.
class HeadWeights {
 public:
  HeadWeights(std::string head, HeadInit init) : head_(std::move(head)), init_(init) {}

  at::Tensor Constant(const std::string& name, at::IntArrayRef shape, double value);
  at::Tensor Normal(const std::string& name, at::IntArrayRef shape, double sigma);
  // Normal, redrawn beyond two sigma.
  at::Tensor TruncatedNormal(const std::string& name, at::IntArrayRef shape, double sigma);
  // Uniform in [-limit, limit).
  at::Tensor Uniform(const std::string& name, at::IntArrayRef shape, double limit);
  // Uniform within sqrt(6 / (fan_in + fan_out)): Keras' default (spec section A). The two-number form is
  // [fan_in, fan_out].
  at::Tensor GlorotUniform(const std::string& name, at::IntArrayRef shape, int64_t fan_in, int64_t fan_out);
  at::Tensor GlorotUniform(const std::string& name, int64_t fan_in, int64_t fan_out);
  // Uniform within 1 / sqrt(fan_in): PyTorch's default for linear layers (Kaiming uniform with a = sqrt 5),
  // for weights and biases alike.
  at::Tensor TorchUniform(const std::string& name, at::IntArrayRef shape, int64_t fan_in);
  at::Tensor Buffer(const std::string& name, at::IntArrayRef shape, double value);

  const std::vector<NamedTensor>& parameters() const { return parameters_; }
  // How each parameter starts, in words.
  const std::vector<std::string>& starts() const { return starts_; }
  const std::vector<NamedTensor>& buffers() const { return buffers_; }
  // Handles given out before move with the tensors. Gradients are dropped.
  void To(const at::Device& device);

 private:
  template <typename Draw>
  at::Tensor Drawn(const std::string& name, at::IntArrayRef shape, std::string start, const Draw& draw);
  at::Tensor Add(const std::string& name, at::Tensor value, std::string start);

  std::string head_;
  HeadInit init_;
  std::vector<NamedTensor> parameters_, buffers_;
  std::vector<std::string> starts_;
};

}  // namespace bv
