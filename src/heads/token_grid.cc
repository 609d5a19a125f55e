#include "heads/token_grid.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_copy.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

int64_t LongestWindow(const at::Tensor& offsets) {
  const auto* begins = offsets.const_data_ptr<int64_t>();
  int64_t longest = 0;
  for (int64_t window = 0; window + 1 < offsets.size(0); ++window) {
    longest = std::max(longest, begins[window + 1] - begins[window]);
  }
  return longest;
}

}  // namespace

void RequirePlaces(const at::Tensor& offsets, int64_t places, const std::string& head) {
  const int64_t longest = LongestWindow(offsets);
  if (longest <= places) return;
  throw Error(ErrorKind::kData,
              Cat("head ", head, " has places for ", places, " tokens a window, a window has ", longest,
                  "; cut the texts shorter, or train a head with more places"));
}

TokenGrid::TokenGrid(const at::Tensor& offsets, const at::Device& device, int64_t places)
    : windows_(offsets.size(0) - 1), places_(places > 0 ? places : LongestWindow(offsets)) {
  const auto* begins = offsets.const_data_ptr<int64_t>();
  const int64_t tokens = begins[windows_];
  if (tokens == windows_ * places_) return;
  at::Tensor slots = at::empty({tokens}, at::kLong);
  auto* slot = slots.mutable_data_ptr<int64_t>();
  for (int64_t window = 0; window < windows_; ++window) {
    for (int64_t i = begins[window]; i < begins[window + 1]; ++i) {
      slot[i] = window * places_ + i - begins[window];
    }
  }
  slots_ = slots.to(device);
  const auto options = at::TensorOptions(device).dtype(at::kFloat);
  mask_ = at::zeros({windows_ * places_}, options)
              .index_copy(0, slots_, at::ones({tokens}, options))
              .view({windows_, places_});
}

at::Tensor TokenGrid::Spread(const at::Tensor& packed) const {
  std::vector<int64_t> shape = packed.sizes().vec();
  at::Tensor rows = packed;
  if (slots_.defined()) {
    shape[0] = windows_ * places_;
    rows = at::zeros(shape, packed.options()).index_copy(0, slots_, packed);
  }
  shape[0] = places_;
  shape.insert(shape.begin(), windows_);
  return rows.view(shape);
}

at::Tensor TokenGrid::Gather(const at::Tensor& grid) const {
  const at::Tensor rows = grid.flatten(0, 1);
  return slots_.defined() ? at::index_select(rows, 0, slots_) : rows;
}

at::Tensor TokenGrid::Mask() const {
  return mask_;
}

at::Tensor InParts(const at::Tensor& states, const at::Tensor& offsets, int64_t tokens,
                   const PartForward& forward) {
  if (states.size(0) <= tokens) return forward(states, offsets);
  const auto* begins = offsets.const_data_ptr<int64_t>();
  const int64_t windows = offsets.size(0) - 1;
  std::vector<at::Tensor> parts;
  for (int64_t first = 0; first < windows;) {
    int64_t last = first + 1;
    while (last < windows && begins[last + 1] - begins[first] <= tokens) ++last;
    const at::Tensor part = states.narrow(0, begins[first], begins[last] - begins[first]);
    parts.push_back(forward(part, offsets.narrow(0, first, last - first + 1) - begins[first]));
    first = last;
  }
  return at::cat(parts);
}

}  // namespace bv
