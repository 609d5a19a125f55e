// The distributions that fresh heads are drawn from, as the spec states them.
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "heads/registry.h"
#include "heads/testing.h"

namespace bv {
namespace {

// What a parameter's values are drawn from.
struct Distribution {
  enum class Kind { kConstant, kUniform, kNormal, kTruncated } kind;
  double size;  // the value, the limit or sigma
};

double Root(double numerator, int64_t denominator) {
  return std::sqrt(numerator / static_cast<double>(denominator));
}

Distribution Stated(const std::string& head, const NamedTensor& parameter) {
  using enum Distribution::Kind;
  const std::string& name = parameter.name;
  const at::IntArrayRef shape = parameter.tensor.sizes();
  const bool torch_style = head == "ap" || head == "ap-squad";
  if (name == "pooling.scale" || name.ends_with(".norm.weight")) return {kConstant, 1};
  if (name == "pooling.weight") return {kNormal, 0.05};
  if (name == "depth.weight") return {kConstant, 0};
  if (name.ends_with(".bias") && name.starts_with("trunk.") && name.find("norm") == std::string::npos) {
    return {kConstant, 0.2};
  }
  if (name.ends_with(".bias") && !torch_style) return {kConstant, 0};
  if (torch_style) {
    // A bias has the fan of its layer.
    const BackboneDims dims = DimsFor(HeadKind::kSpan, {25, 64});
    const int64_t features = head == "ap" ? int64_t{8 * 20} * dims.layers : 20 * dims.layers;
    return {kUniform, Root(1, name.starts_with("adapter") ? dims.hidden : features)};
  }
  if (head == "detect-parts") return {kNormal, Root(2, shape[0])};
  if (name.ends_with("depthwise.weight")) return {kUniform, Root(6, 3 * shape[0] + 3)};
  if (shape.size() == 4) return {kUniform, Root(6, (shape[0] + shape[1]) * shape[2] * shape[3])};
  if (name == "output.weight") return {kUniform, Root(6, shape[0] + shape[1])};
  return {kTruncated, 1e-3};
}

TEST(Initialisers, HaveTheStatedDistributions) {
  using enum Distribution::Kind;
  for (const HeadEntry& entry : HeadRegistry()) {
    BackboneDims dims = test::SmallDims(entry.kind);
    dims.layers = 25;
    dims.hidden = 64;
    const auto head = entry.build(dims, 11);
    for (const NamedTensor& parameter : head->parameters()) {
      const at::Tensor& value = parameter.tensor;
      const std::string what = entry.name + " " + parameter.name;
      const auto [kind, size] = Stated(entry.name, parameter);
      if (kind == kConstant) {
        EXPECT_LE(test::MaxAbs(value - size), 1e-7) << what;
        continue;
      }
      const double most = kind == kUniform ? size : kind == kTruncated ? 2 * size : 10 * size;
      EXPECT_LE(test::MaxAbs(value), most * (1 + 1e-6)) << what;
      // A normal cut at two sigma has 0.87963 of its sigma. Five standard errors of a normal's.
      const double sigma = kind == kUniform     ? size / std::sqrt(3.0)
                           : kind == kTruncated ? 0.87963 * size
                                                : size;
      if (value.numel() < 20) continue;
      EXPECT_NEAR(value.std().item<double>() / sigma, 1, 5 * Root(0.5, value.numel())) << what;
      EXPECT_NEAR(value.mean().item<double>() / sigma, 0, 5 * Root(1, value.numel())) << what;
      // Of a thousand uniform values the largest comes near the limit.
      const double least = kind == kUniform && value.numel() > 1000 ? 0.98 * size : 0;
      EXPECT_GT(test::MaxAbs(value), least) << what;
    }
    for (const NamedTensor& buffer : head->buffers()) {
      EXPECT_EQ(test::MaxAbs(buffer.tensor - (buffer.name.ends_with("mean") ? 0 : 1)), 0) << buffer.name;
    }
    EXPECT_EQ(head->starts().size(), head->parameters().size());
  }
}

}  // namespace
}  // namespace bv
