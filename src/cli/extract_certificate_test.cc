#include "cli/extract_certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/testing.h"

namespace bv::cli {
namespace {

using test::MessageOf;
using testing::HasSubstr;

RoundingCost Cost() {
  return {.layer_errors = {0.01, 0.02},
          .head = "last-layer",
          .trained = 20,
          .held_out = 10,
          .metric = "f1",
          .exact = 61.5,
          .rounded = 60,
          .same = 0.875};
}

TEST(ExtractCertificate, SaysTheErrorOfEachLayerAndWhatTheHeadLoses) {
  const std::string text = CertificateText(Cost(), {0, 3});
  EXPECT_THAT(text, HasSubstr("    3             2.000\n"));
  EXPECT_THAT(
      text,
      HasSubstr("head last-layer, trained on 20 windows: f1 61.50 on 10 held-out windows, by int8 60.00; "
                "87.5 % of the answers stay the same\n"));
  EXPECT_EQ(CertificateJson(Cost(), {0, 3}).dump(),
            R"({"layers":[0,3],"layer_errors":[0.01,0.02],"held_out_windows":10,"head":"last-layer",)"
            R"("trained_windows":20,"metric":"f1","exact":61.5,"int8":60.0,"same_answers":0.875})");
}

TEST(ExtractCertificate, WithoutLabelsThereIsNoHead) {
  RoundingCost cost = Cost();
  cost.head = "";
  EXPECT_THAT(CertificateText(cost, {0, 1}), HasSubstr("on 10 windows; without labels no head is trained"));
  EXPECT_FALSE(CertificateJson(cost, {0, 1}).contains("int8"));
  EXPECT_NO_THROW(RequireCost(cost, 0));
}

TEST(ExtractCertificate, ACostAboveTheBoundIsRefusedWithBoth) {
  EXPECT_NO_THROW(RequireCost(Cost(), 1.5));
  RoundingCost undefined = Cost();
  undefined.rounded = std::nan("");
  EXPECT_NO_THROW(RequireCost(undefined, 0));
  EXPECT_EQ(
      MessageOf([] { RequireCost(Cost(), 1.4); }),
      "int8 costs the head last-layer 1.50 points of f1 on a sample, --max-cost is 1.4; use bf16 instead, or "
      "allow more");
}

TEST(ExtractCertificate, ASampleIsHalfOfTheAnswerableQuestionsAtMost) {
  TaskExamples examples;
  examples.questions.contexts = {"A B"};
  for (int i = 0; i < 40; ++i) {
    QaExample example;
    example.id = std::to_string(i);
    example.impossible = i % 2 == 0;
    if (!example.impossible) example.answers = {{"A", 0}};
    examples.questions.examples.push_back(example);
  }
  examples.questions.has_answers = examples.questions.has_impossible = true;
  StoreInfo info;
  info.layers = {0};
  info.hidden = 4;
  info.windows = info.tokens = 40;
  info.codec = Codec::kInt8;
  info.precision = "int8";
  const test::ScratchFolder scratch;
  std::vector<int64_t> sizes;
  std::vector<Codec> codecs;
  std::vector<std::string> precisions;
  CertificateRequest request{examples,
                             info,
                             "fp32",
                             scratch.path(),
                             1,
                             [&](const TaskExamples& sample, const StoreInfo& made, const fs::path&) {
                               for (const QaExample& one : sample.questions.examples)
                                 EXPECT_FALSE(one.impossible);
                               sizes.push_back(sample.size());
                               codecs.push_back(made.codec);
                               precisions.push_back(made.precision);
                             }};
  EXPECT_THROW(Certify(request), Error);  // nothing was extracted
  EXPECT_THAT(sizes, testing::ElementsAre(7, 3, 3));
  EXPECT_THAT(codecs, testing::ElementsAre(Codec::kF32, Codec::kF32, Codec::kInt8));
  EXPECT_THAT(precisions, testing::ElementsAre("fp32", "fp32", "int8"));
  EXPECT_TRUE(fs::is_empty(scratch.path()));
  examples.questions.examples.resize(10);
  EXPECT_THAT(MessageOf([&] { Certify(request); }), HasSubstr("for which 5 examples are too few"));
}

}  // namespace
}  // namespace bv::cli
