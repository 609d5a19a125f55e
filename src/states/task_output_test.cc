#include "states/task_output.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/mse_loss.h>
#include <gtest/gtest.h>

#include "bert/encoder.h"
#include "tensorfile/tensor_file.h"

namespace bv {
namespace {

const fs::path kFixtures = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert";

// A BertForSequenceClassification with what transformers computed on single texts and pairs
// (tests/fixtures/make_bert.py).
struct Classifier {
  explicit Classifier(const std::string& name)
      : expected(kFixtures / name / "expected.safetensors"), weights(LoadBert(kFixtures / name)) {
    for (auto* list : {&weights.encoder, &weights.pooler, &weights.output}) {
      for (auto& entry : *list) entry.tensor.requires_grad_(true);
    }
  }

  // Of all texts in one packed batch.
  at::Tensor Logits() const {
    const at::Tensor offsets = expected.Get("offsets").clone();
    std::vector<at::Tensor> positions;
    for (int64_t w = 0; w + 1 < offsets.size(0); ++w)
      positions.push_back(at::arange((offsets[w + 1] - offsets[w]).item<int64_t>(), at::kLong));
    const PackedTokens tokens = {expected.Get("ids").clone(), expected.Get("type_ids").clone(),
                                 at::cat(positions), offsets};
    return OutputOf(weights).Logits(Encoder(weights, Precision::kFp32).Forward(tokens), offsets);
  }

  TensorFile expected;
  BertWeights weights;
};

double Largest(const at::Tensor& x) {
  return at::abs(x).max().item<double>();
}

void ExpectGradients(const Classifier& classifier) {
  for (const auto* list :
       {&classifier.weights.encoder, &classifier.weights.pooler, &classifier.weights.output}) {
    for (const auto& [name, tensor] : *list) {
      const at::Tensor wanted = classifier.expected.Get("grad." + name);
      // Of a key's bias it is zero but for rounding.
      const double scale = name.ends_with("key.bias") ? 1 : Largest(wanted);
      EXPECT_LT(Largest(tensor.grad() - wanted), 2e-5 * scale) << name;
    }
  }
}

TEST(TaskOutput, ClassesOfSingleTextsAndPairsEqualTransformers) {
  const Classifier classifier("classes");
  const at::Tensor logits = classifier.Logits(), wanted = classifier.expected.Get("logits");
  ASSERT_EQ(logits.sizes(), wanted.sizes());
  EXPECT_EQ(logits.size(1), 3);
  EXPECT_LT(Largest(logits - wanted), 2e-5 * Largest(wanted));
  at::cross_entropy_loss(logits, classifier.expected.Get("target")).backward();
  ExpectGradients(classifier);
}

TEST(TaskOutput, ARegressionOfSingleTextsAndPairsEqualsTransformers) {
  const Classifier classifier("regression");
  const at::Tensor logits = classifier.Logits(), wanted = classifier.expected.Get("logits");
  ASSERT_EQ(logits.sizes(), wanted.sizes());
  EXPECT_EQ(logits.size(1), 1);
  EXPECT_LT(Largest(logits - wanted), 2e-5 * Largest(wanted));
  at::mse_loss(logits.select(1, 0), classifier.expected.Get("target")).backward();
  ExpectGradients(classifier);
}

}  // namespace
}  // namespace bv
