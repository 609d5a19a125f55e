// For tests only: values from a closed form, which the scripts that make fixtures compute too.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/max.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/remainder.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "heads/registry.h"

namespace bv::test {

// offset + scale * sin(0.5 i + 0.001 i^2 + phase) for the i-th value, over again after 30,011 values.
inline at::Tensor Wave(at::IntArrayRef shape, double scale, double phase, double offset = 0) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  float* values = tensor.mutable_data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    const auto x = static_cast<double>(i % 30011);
    values[i] = static_cast<float>(offset + scale * std::sin(0.5 * x + 0.001 * x * x + phase));
  }
  return tensor;
}

// The value that a parameter has in tests/fixtures/make_heads.py: of a size that keeps deep networks lively.
inline at::Tensor WaveWeight(const NamedTensor& parameter, double phase) {
  const at::IntArrayRef shape = parameter.tensor.sizes();
  if (parameter.name.ends_with(".norm.weight")) return Wave(shape, 0.3, phase, 1);
  if (shape.size() < 2) return Wave(shape, 0.3, phase);
  const int64_t fan_in = shape.size() == 4 ? parameter.tensor.numel() / shape[0] : shape[shape.size() - 2];
  return Wave(shape, 2 / std::sqrt(static_cast<double>(fan_in)), phase);
}

// Gives a head the weights and running statistics that the script uses.
inline void SetWaveWeights(const Head& head) {
  at::NoGradGuard no_grad;
  double phase = 1;
  for (const NamedTensor& parameter : head.parameters()) {
    parameter.tensor.copy_(WaveWeight(parameter, phase));
    phase += 1;
  }
  for (const NamedTensor& buffer : head.buffers()) {
    buffer.tensor.copy_(Wave(buffer.tensor.sizes(), 0.3, phase, buffer.name.ends_with("variance") ? 1 : 0));
    phase += 1;
  }
}

inline std::vector<float> Values(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().cpu().contiguous();
  return {plain.const_data_ptr<float>(), plain.const_data_ptr<float>() + plain.numel()};
}

// Every k-th value, k = max(1, count / samples), as the scripts store them.
inline std::vector<float> Samples(const at::Tensor& tensor, size_t samples) {
  const std::vector<float> all = Values(tensor);
  std::vector<float> some;
  for (size_t i = 0; i < all.size(); i += std::max<size_t>(1, all.size() / samples)) some.push_back(all[i]);
  return some;
}

inline Json ReadFixture(const std::string& name) {
  return ReadJsonFile(std::filesystem::path(BERTVISION_SOURCE_DIR) / "tests" / "fixtures" / name);
}

constexpr BackboneDims kSmall{4, 12};

// Dimensions in which every head is small: d = 20, windows of up to 8 tokens.
inline BackboneDims SmallDims(HeadKind kind) {
  BackboneDims dims = DimsFor(kind, kSmall);
  dims.outputs = kind == HeadKind::kSpan ? 2 : 3;
  dims.tokens = kind == HeadKind::kText ? 8 : 0;
  dims.width = 20;
  return dims;
}

inline double MaxAbs(const at::Tensor& tensor) {
  return tensor.abs().max().item<double>();
}

// The registry and the probes.
inline std::vector<HeadEntry> AllHeads() {
  std::vector<HeadEntry> entries = HeadRegistry();
  for (const std::string& name : ExpandHeadNames({"layers"}, kSmall)) {
    entries.push_back(FindHead(name, kSmall));
  }
  return entries;
}

struct Batch {
  at::Tensor states, offsets;
  int64_t rows = 0;  // of the logits
};

// Windows of so many tokens each; for kRow, a row for each.
inline Batch RandomBatch(HeadKind kind, const std::vector<int64_t>& lengths) {
  const BackboneDims dims = SmallDims(kind);
  std::vector<int64_t> ends = {0};
  for (const int64_t length : lengths) ends.push_back(ends.back() + length);
  const auto windows = static_cast<int64_t>(lengths.size());
  Batch batch;
  batch.states = at::randn({kind == HeadKind::kRow ? windows : ends.back(), dims.layers, dims.hidden});
  batch.offsets = at::tensor(ends, at::kLong);
  batch.rows = kind == HeadKind::kSpan ? ends.back() : windows;
  return batch;
}

// One head of tests/fixtures/heads/more_heads.json, with the batch it was run on.
struct HeadCase {
  HeadCase(const Json& fixture, const Json& entry) : expected(entry) {
    const Json& setting = fixture["settings"][entry["setting"].get<std::string>()];
    BackboneDims dims;
    dims.layers = setting["layers"];
    dims.hidden = setting["hidden"];
    dims.outputs = setting["outputs"];
    dims.tokens = setting["tokens"];
    if (setting.contains("width")) dims.width = setting["width"];
    head = BuildHead(entry["name"], dims, 1);
    SetWaveWeights(*head);
    std::vector<int64_t> ends = {0};
    for (const Json& length : setting["lengths"]) ends.push_back(ends.back() + length.get<int64_t>());
    offsets = at::tensor(ends, at::kLong);
    states = Wave({ends.back(), dims.layers, dims.hidden}, 1.5, 0.25);
    windows = offsets.size(0) - 1;
  }
  // Of class i % C for window i.
  at::Tensor ClassLoss(const at::Tensor& logits) const {
    return at::cross_entropy_loss(logits, at::arange(windows, at::kLong).remainder(logits.size(1)));
  }

  Json expected;
  std::unique_ptr<Head> head;
  at::Tensor states, offsets;
  int64_t windows = 0;
};

}  // namespace bv::test
