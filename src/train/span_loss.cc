#include "train/span_loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

void CheckLabel(int64_t label, int64_t tokens, int64_t window, const char* what) {
  if (label >= 0 && label < tokens) return;
  throw Error(ErrorKind::kData,
              Cat("window ", window, " of a batch has ", tokens, " pieces, its ", what, " label is ", label,
                  "; the states and the labels do not belong together"));
}

}  // namespace

SpanTargets MakeSpanTargets(const at::Tensor& offsets, const at::Tensor& start, const at::Tensor& end,
                            const at::Device& device) {
  SpanTargets targets;
  targets.windows = offsets.size(0) - 1;
  const at::Tensor begins = offsets.contiguous(), starts = start.cpu().contiguous(),
                   ends = end.cpu().contiguous();
  const int64_t* begin = begins.const_data_ptr<int64_t>();
  for (int64_t b = 0; b < targets.windows; ++b) {
    const int64_t tokens = begin[b + 1] - begin[b];
    CheckLabel(starts.const_data_ptr<int64_t>()[b], tokens, b, "start");
    CheckLabel(ends.const_data_ptr<int64_t>()[b], tokens, b, "end");
    targets.longest = std::max(targets.longest, tokens);
  }
  at::Tensor slots = at::empty({begin[targets.windows]}, at::kLong);
  int64_t* slot = slots.mutable_data_ptr<int64_t>();
  for (int64_t b = 0; b < targets.windows; ++b) {
    for (int64_t i = begin[b]; i < begin[b + 1]; ++i) slot[i] = b * targets.longest + i - begin[b];
  }
  targets.slots = slots.to(device);
  targets.labels = at::cat({starts, ends}).to(device);
  return targets;
}

// The logits, two numbers a token, are cheap to lay out on a grid; LibTorch's own loss then runs on any
// device.
at::Tensor SpanLoss(const at::Tensor& logits, const SpanTargets& targets, SpanReduction reduction) {
  const at::Tensor empty =
      at::full({2, targets.windows * targets.longest}, -std::numeric_limits<float>::infinity(),
               logits.options().requires_grad(false));
  const at::Tensor grid = empty.index_copy(1, targets.slots, logits.t());
  const at::Tensor loss =
      at::cross_entropy_loss(grid.view({2 * targets.windows, targets.longest}), targets.labels);
  return reduction == SpanReduction::kSum ? 2 * loss : loss;
}

}  // namespace bv
