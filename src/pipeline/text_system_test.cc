// Texts in, labels and values out, from models that transformers made and no run describes: the logits are
// those that transformers computed on these texts (tests/fixtures/make_bert.py).
#include "pipeline/text_system.h"
#include "decode/text_logits.h"

#include <ATen/ops/argmax.h>
#include <gmock/gmock.h>

#include "base/json.h"
#include "base/testing.h"
#include "decode/text_logits.h"
#include "tensorfile/tensor_file.h"

namespace bv {
namespace {

using test::MessageOf;
using testing::HasSubstr;

constexpr double kTolerance = 2e-5;  // of logits of about 1

const fs::path kFixtures = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert";

// The texts of the fixture: single ones, or pairs.
TaskExamples Texts(const TextSystem& system, const std::string& fixture, bool pairs) {
  const Json texts = ReadJsonFile(kFixtures / fixture / "texts.json");
  TaskExamples examples;
  examples.task = system.task();
  examples.task.pair = examples.texts.pair = pairs;
  examples.texts.label_names = system.task().labels;
  for (const Json& one : texts[pairs ? "pairs" : "single"]) {
    TextExample example;
    example.id = std::to_string(examples.texts.examples.size());
    example.text_a = pairs ? one[0] : one;
    if (pairs) example.text_b = one[1];
    examples.texts.examples.push_back(example);
  }
  return examples;
}

TextPredictions Predict(const TextSystem& system, const TaskExamples& examples) {
  return DecideTexts(examples, system.Logits(examples, 1));
}

// Single texts first, then pairs, as the fixture has them.
std::vector<TextPredictions> PredictAll(const TextSystem& system, const std::string& fixture) {
  return {Predict(system, Texts(system, fixture, false)), Predict(system, Texts(system, fixture, true))};
}

TEST(TextSystem, LogitsAndLabelsOfClassesEqualTransformers) {
  const TextSystem system = TextSystem::Load(kFixtures / "classes");
  EXPECT_EQ(system.task().kind, TaskKind::kClassification);
  EXPECT_THAT(system.task().labels, testing::ElementsAre("LABEL_0", "LABEL_1", "LABEL_2"));
  const at::Tensor wanted = TensorFile(kFixtures / "classes/expected.safetensors").Get("logits").clone();
  int64_t row = 0;
  for (const TextPredictions& predictions : PredictAll(system, "classes")) {
    for (size_t i = 0; i < predictions.values.size(); ++i, ++row) {
      const auto logits = predictions.LogitsOf(static_cast<int64_t>(i));
      ASSERT_EQ(logits.size(), 3U);
      for (int64_t c = 0; c < 3; ++c)
        EXPECT_NEAR(logits[static_cast<size_t>(c)], wanted[row][c].item<double>(), kTolerance) << row;
      EXPECT_EQ(predictions.values[i], at::argmax(wanted[row]).item<double>()) << row;
    }
  }
  EXPECT_EQ(row, wanted.size(0));
}

TEST(TextSystem, ValuesOfARegressionEqualTransformers) {
  const TextSystem system = TextSystem::Load(kFixtures / "regression");
  EXPECT_EQ(system.task().kind, TaskKind::kRegression);
  EXPECT_THAT(system.task().labels, testing::IsEmpty());
  const at::Tensor wanted = TensorFile(kFixtures / "regression/expected.safetensors").Get("logits").clone();
  int64_t row = 0;
  for (const TextPredictions& predictions : PredictAll(system, "regression")) {
    for (const double value : predictions.values)
      EXPECT_NEAR(value, wanted[row++][0].item<double>(), kTolerance);
  }
  EXPECT_EQ(row, wanted.size(0));
}

TEST(TextSystem, OtherLabelsAndOtherKindsOfRunsAreRefused) {
  const TextSystem system = TextSystem::Load(kFixtures / "classes");
  TaskExamples examples = Texts(system, "classes", false);
  examples.task.labels = {"a", "b", "c"};
  EXPECT_THAT(MessageOf([&] { system.Logits(examples, 1); }), HasSubstr("read for the task"));
  EXPECT_THAT(MessageOf([] { TextSystem::Load(kFixtures / "qa"); }), HasSubstr("was made for spans"));
}

TEST(TextSystem, AStopFromTheReportIsAnInterruption) {
  const TextSystem system = TextSystem::Load(kFixtures / "classes");
  const auto stop = [](int64_t, int64_t) { return false; };
  EXPECT_THAT(MessageOf([&] { system.Logits(Texts(system, "classes", false), 1, stop); }),
              HasSubstr("stopped"));
}

TEST(TextSystem, FingerprintsAreOfTheWeights) {
  const auto fingerprint = [](const char* name) { return TextSystem::Load(kFixtures / name).fingerprint(); };
  EXPECT_EQ(fingerprint("classes"), fingerprint("classes"));
  EXPECT_NE(fingerprint("classes"), fingerprint("regression"));
}

}  // namespace
}  // namespace bv
