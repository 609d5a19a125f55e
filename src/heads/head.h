// The interface of every head: a small network from the hidden states of all layers to logits. Not an
// encoder, not a loss, not a trainer. Forward is const, so a head that nobody trains may be called from any
// thread; a training pass writes the running statistics of batch norms and belongs to one thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heads/head_outline.h"
#include "heads/head_weights.h"
#include "tensorfile/tensor_file.h"

namespace bv {

// What a head reads and gives.
enum class HeadKind {
  kSpan,  // the states of all tokens; start and end logits for each token
  kText,  // the states of all tokens; C logits for each window
  kRow,   // one row a window, the pooled output and the [CLS] states (spec section A); C logits for each
};

// What a head needs to know of the states it reads and of the task.
struct BackboneDims {
  int64_t layers = 0;   // L: states per token, the embedding block's and every encoder layer's; rows have one
                        // more, the pooled output, at the front
  int64_t hidden = 0;   // H
  int64_t outputs = 2;  // C: classes, 1 for regression; span heads always have two
  int64_t tokens = 0;  // T: most tokens of a window, for heads that have a weight for each place; else unused
  int64_t width = 0;   // d of the adapter instead of the head's default, where its name does not say it; 0:
                       // the default
  // The backbone's numbers of the states (0 = embeddings), rising, where some were left out; empty: all.
  std::vector<int32_t> numbers = {};
  bool operator==(const BackboneDims&) const = default;
};

// How a batch passes through. A training pass drops activations and normalises by the batch's statistics,
// which it adds to the running ones; otherwise nothing is dropped and the running ones are used.
struct HeadPass {
  bool training = false;
  uint64_t seed = 0;  // of the dropout masks: run, head and step, mixed
};

class Head {
 public:
  Head(std::string name, HeadKind kind, const BackboneDims& dims, HeadInit init);
  virtual ~Head() = default;
  Head(const Head&) = delete;
  Head& operator=(const Head&) = delete;

  // states: in f32, bf16 or f16. kSpan, kText: [N, L, H], the tokens of all windows end to end; offsets: [B +
  // 1] i64 on the CPU, window b is tokens offsets[b] to offsets[b+1]. kRow: [B, L, H]; offsets are not looked
  // at. Returns f32: [N, 2], start and end logits (kSpan), or [B, C]. Arithmetic is f32 whatever the states
  // are stored in. Gradients reach the parameters, never the states. Errors: kData for states of another
  // shape, and for a window with more tokens than the head has places.
  at::Tensor Forward(const at::Tensor& states, const at::Tensor& offsets, const HeadPass& pass = {}) const;

  const std::string& name() const { return name_; }
  HeadKind kind() const { return kind_; }
  const BackboneDims& dims() const { return dims_; }
  // f32 leaves that require gradients, in a fixed order; the names are those in saved files.
  const std::vector<NamedTensor>& parameters() const { return weights_.parameters(); }
  // What training passes update beside them: running means and variances.
  const std::vector<NamedTensor>& buffers() const { return weights_.buffers(); }
  // Both, parameters first: what a saved head consists of.
  std::vector<NamedTensor> tensors() const;
  // How each parameter starts, in words, in their order.
  const std::vector<std::string>& starts() const { return weights_.starts(); }
  // Values of all tensors, as the published counts are made; and of those that are trained.
  int64_t ParameterCount() const;
  int64_t TrainableCount() const;
  // What it consists of and costs, for windows of so many tokens. `tokens` is not used for kRow.
  HeadOutline Outline(int64_t tokens) const;
  // Moves the tensors; handles given out before move with them. Gradients are dropped.
  void To(const at::Device& device) { weights_.To(device); }

 protected:
  HeadWeights& weights() { return weights_; }

 private:
  virtual at::Tensor Logits(const at::Tensor& states, const at::Tensor& offsets,
                            const HeadPass& pass) const = 0;
  // Adds its stages, from the states' to the logits'.
  virtual void Describe(HeadOutline* outline) const = 0;

  std::string name_;
  HeadKind kind_;
  BackboneDims dims_;
  HeadWeights weights_;
};

}  // namespace bv
