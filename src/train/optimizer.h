// Adam in every variant the recipes need: PyTorch's Adam and AdamW, Keras' Adam, Hugging Face's AdamW without
// bias correction. One class over LibTorch's fused kernels, CPU and CUDA. It knows parameters and gradients
// only: no loss, no schedule, no files. One owner; not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tensorfile/tensor_file.h"

namespace bv {

struct AdamOptions {
  // Where epsilon stands in the bias-corrected update (spec section F: F1 is Keras, F2 and F6 are not):
  //   kTorch: lr / c1 * m / (sqrt(v / c2) + eps)         c1 = 1 - beta1^t, c2 = 1 - beta2^t
  //   kKeras: lr * sqrt(c2) / c1 * m / (sqrt(v) + eps)
  // Without bias correction both are lr * m / (sqrt(v) + eps).
  enum class Epsilon { kTorch, kKeras };
  // What weight decay does:
  //   kCoupled: added to the gradient (Adam with L2, torch.optim.Adam)
  //   kBeforeStep: p *= 1 - lr * decay, then the update (torch.optim.AdamW)
  //   kAfterStep: the update, then p *= 1 - lr * decay (transformers' old AdamW, spec section F6)
  enum class Decay { kCoupled, kBeforeStep, kAfterStep };

  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  bool bias_correction = true;
  Epsilon epsilon_placement = Epsilon::kTorch;
  Decay decay = Decay::kBeforeStep;
  // Gradients are scaled so that their common 2-norm is at most this; 0 = never.
  double clip_norm = 0;
};

// Parameters that share a weight decay and a multiple of the learning rate.
struct AdamGroup {
  std::vector<NamedTensor> parameters;  // f32 leaves that require gradients; names unique over all groups
  double weight_decay = 0;
  double lr_scale = 1;
};

// Two groups: parameters whose name contains one of `no_decay` (such as "bias", "LayerNorm") get decay 0, the
// others `weight_decay`. Empty groups are left out.
std::vector<AdamGroup> SplitByDecay(const std::vector<NamedTensor>& parameters, double weight_decay,
                                    const std::vector<std::string>& no_decay);

class Adam {
 public:
  // Errors: kInternal for parameters that are not f32 leaves or share a name.
  Adam(std::vector<AdamGroup> groups, const AdamOptions& options);

  // One update with the gradients that the parameters hold now and the base rate lr >= 0; parameters without
  // a gradient are left as they are. Returns the 2-norm of all gradients before clipping, or 0 when clip_norm
  // is 0. A norm that is not finite throws kData before anything has changed.
  double Step(double lr);
  // Drops the gradients.
  void ZeroGrad();
  // As if no step had been made: moments and step count begin anew, parameters stay.
  void Restart();
  // Updates done so far.
  int64_t steps() const { return steps_; }

  // The state, sharing memory with the optimiser: "step" (i64 []), and for every parameter
  // "exp_avg/<name>" and "exp_avg_sq/<name>" of its shape. For WriteTensorFile.
  std::vector<NamedTensor> State() const;
  // Takes over a saved state. Errors (kData): missing tensors, wrong shapes or dtypes, values not finite.
  void LoadState(const TensorFile& file);

 private:
  struct Slot {
    NamedTensor parameter;
    at::Tensor exp_avg, exp_avg_sq;
  };
  struct Group {
    std::vector<Slot> slots;
    double weight_decay, lr_scale;
  };
  double ClipGradients();
  void StepGroup(const Group& group, double lr);

  std::vector<Group> groups_;
  AdamOptions options_;
  int64_t steps_ = 0;
};

}  // namespace bv
