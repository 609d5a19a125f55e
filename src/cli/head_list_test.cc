#include "cli/head_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bv::cli {
namespace {

TEST(HeadList, SpanModelsHaveTheirPublishedSize) {
  EXPECT_EQ(SpanModelParameters(BackboneConfig("bert-large")), kBertLargeSpanParameters);
  EXPECT_EQ(SpanModelParameters(BackboneConfig("bert-base")), 109'482'240 + 2 * 768 + 2);
}

// Spec section C, BERT-large: the percentages as the paper prints them.
TEST(HeadList, JsonHoldsEveryHeadWithItsShare) {
  const OrderedJson list = HeadListJson(BackboneConfig("bert-large"));
  ASSERT_EQ(list.size(), 12U + 25U);
  EXPECT_EQ(list[0]["name"], "learned-pooling");
  EXPECT_EQ(list[0]["kind"], "span");
  EXPECT_EQ(list[0]["parameters"], 2076);
  for (const OrderedJson& head : list) {
    if (head["name"] == "adapter-386-shared-skip") {
      EXPECT_EQ(head["parameters"], 417000);
      EXPECT_NEAR(head["percent_of_bert_large"].get<double>(), 0.1244, 5e-5);
      EXPECT_EQ(head["percent_of_bert_large"], head["percent_of_backbone"]);
    }
  }
  EXPECT_EQ(list[36]["name"], "layer-24");
}

TEST(HeadList, TextNamesEveryHeadAndTheBackbone) {
  const std::string text = HeadListText("minilm", BackboneConfig("minilm"));
  for (const char* part : {"adapter-386-shared-lp-branch", "2(Hd+d)+L+1+2(Ld+d)+2", "last-layer", "layer-<k>",
                           "0 (embeddings) to 6", "minilm: L=7 states a token, H=384"}) {
    EXPECT_THAT(text, testing::HasSubstr(part));
  }
}

}  // namespace
}  // namespace bv::cli
