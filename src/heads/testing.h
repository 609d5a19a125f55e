// For tests only: values from a closed form, which the scripts that make fixtures compute too.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <cmath>
#include <filesystem>
#include <vector>

#include "base/json.h"
#include "heads/head.h"

namespace bv::test {

// scale * sin(0.5 i + 0.001 i^2 + phase) for the i-th value.
inline at::Tensor Wave(at::IntArrayRef shape, double scale, double phase) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  float* values = tensor.mutable_data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    const auto x = static_cast<double>(i);
    values[i] = static_cast<float>(scale * std::sin(0.5 * x + 0.001 * x * x + phase));
  }
  return tensor;
}

// Gives a head the weights that tests/fixtures/make_heads.py uses.
inline void SetWaveWeights(const Head& head) {
  at::NoGradGuard no_grad;
  double phase = 1;
  for (const NamedTensor& parameter : head.parameters()) {
    parameter.tensor.copy_(Wave(parameter.tensor.sizes(), 0.3, phase));
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

}  // namespace bv::test
