// The arithmetic of the encoder on packed tokens: the pieces of all windows of a batch stand end to end in a
// matrix [N, H], and `offsets` [B+1] says where each window begins. Nothing is padded here; padding that a
// caller makes part of its windows is rows like all others, but for attention. Everything here
// is differentiable unless it says otherwise, is a pure function of its arguments, and may be called from any
// thread. CPU only.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/precision.h"

namespace bv::kernels {

// BERT's hidden_act. kGeluErf is "gelu", kGeluTanh is "gelu_new" and its relatives.
enum class Activation { kNone, kGeluErf, kGeluTanh, kQuickGelu, kRelu, kSilu, kTanh, kSigmoid, kMish };

// What hidden_act in config.json may be.
std::vector<std::string> ActivationNames();
// From hidden_act. Errors (kUnsupported) list the names there are.
Activation ParseActivation(const std::string& name);
at::Tensor Activate(const at::Tensor& x, Activation activation);

// What products of 8 bits are told of the matrix that comes, before it comes (int8_product.h).
struct Int8Input {
  at::Tensor sizes;    // [in] f32, about the largest of each channel; undefined: all alike
  int32_t zero = 128;  // which of 0..255 is 0: less where nearly all numbers are positive
};

class Int8Product;

// y = activation(x W^T + b): W [out, in], b [out]. A value type; copies share the weights.
class Linear {
 public:
  Linear() = default;
  // For inference: the weight is cast and laid out once for this machine. Not differentiable.
  // `input` is for kInt8 alone, whose errors are Int8Product's.
  static Linear Packed(const at::Tensor& weight, const at::Tensor& bias, Precision precision,
                       const Int8Input& input = {});
  // For training, in fp32 or bf16: weight and bias are used as they are at each call and receive gradients,
  // as x does.
  static Linear Trainable(const at::Tensor& weight, const at::Tensor& bias, Precision precision);

  // x [N, in]; the result [N, out] has x's dtype in training and the packed dtype in inference (kInt8: bf16).
  at::Tensor operator()(const at::Tensor& x, Activation activation = Activation::kNone) const;

 private:
  at::Tensor weight_, bias_, packed_;
  std::shared_ptr<const Int8Product> int8_;
  Precision precision_ = Precision::kFp32;
  bool trainable_ = false;
};

// Where a random mask stands, so that it can be drawn again without being stored: equal keys, equal masks.
struct DropoutKey {
  double probability = 0;  // 0: no dropout
  uint64_t seed = 0;       // of the run, the step and the place in the network, mixed
};

// Multi-head self-attention inside each window. qkv [N, 3H], the queries, keys and values of all heads side
// by side; offsets [B+1] int64 ascending from 0 to N. keys [B] int64: how many of each window's rows, from
// its first on, are looked at (at least 1); undefined: all. Dropout acts on the attention probabilities.
// Result [N, H]. Scores and sums are fp32 whatever the precision. Memory beyond the result: a block of 64
// queries' scores per thread; backward computes them again. Heads are shared among the threads.
at::Tensor VarlenAttention(const at::Tensor& qkv, const at::Tensor& offsets, int64_t heads,
                           Precision precision, const DropoutKey& dropout = {}, const at::Tensor& keys = {});

// x with elements zeroed with the key's probability and the rest scaled by 1/(1-p). x is 2-D.
at::Tensor Dropout(const at::Tensor& x, const DropoutKey& key);

// LayerNorm(x + residual) * weight + bias over the last dimension.
at::Tensor ResidualLayerNorm(const at::Tensor& x, const at::Tensor& residual, const at::Tensor& weight,
                             const at::Tensor& bias, double epsilon);

// For inference: VarlenAttention without dropout and without a gradient, into out [N, H] of qkv's type; rows
// that are in no window are left alone. qkv [N, 3H] f32 or bf16, contiguous; offsets [B+1]; keys [B] or
// empty: all rows.
void AttentionInto(const at::Tensor& qkv, std::span<const int64_t> offsets, std::span<const int64_t> keys,
                   int64_t heads, at::Tensor* out);

// LayerNorm's parameters, weight and bias [H], fp32.
struct NormParameters {
  at::Tensor weight, bias;
  double epsilon = 0;
};

// For inference: the first `rows` rows of out become LayerNorm(x + residual), each in one sweep. x, residual,
// out
// [>= rows, H], all f32 or all bf16, contiguous; out may be x. Rows are shared among the threads.
void FusedResidualLayerNorm(const at::Tensor& x, const at::Tensor& residual, const NormParameters& norm,
                            int64_t rows, at::Tensor* out);

// For inference: the embedding block. Row i of out becomes LayerNorm(word[ids[i]] + type[type_ids[i]] +
// position[positions[i]]). Tables and out f32 or bf16, contiguous; the indices must be in range.
void FusedEmbedding(const at::Tensor& word, const at::Tensor& type, const at::Tensor& position,
                    std::span<const int64_t> ids, std::span<const int64_t> type_ids,
                    std::span<const int64_t> positions, const NormParameters& norm, at::Tensor* out);

// The keep-mask of Dropout and of attention, written as 0 or 1/(1-p): row r, columns 0..n-1 of key.
void DropoutMaskRow(const DropoutKey& key, uint64_t row, int64_t n, float* out);

}  // namespace bv::kernels
