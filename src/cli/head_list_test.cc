#include "cli/head_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "states/backbone.h"

namespace bv::cli {
namespace {

HeadListRequest Request(const std::string& backbone) {
  return {.backbone = backbone, .config = BackboneConfig(backbone)};
}

TEST(HeadList, SpanModelsHaveTheirPublishedSize) {
  EXPECT_EQ(BackboneParameters(BackboneConfig("bert-large")), kBertLargeSpanParameters);
  EXPECT_EQ(BackboneParameters(BackboneConfig("bert-base")), 109'482'240 + 2 * 768 + 2);
}

TEST(HeadList, CountsAreShownWithThreeDigits) {
  EXPECT_EQ(HumanCount(7), "7");
  EXPECT_EQ(HumanCount(999), "999");
  EXPECT_EQ(HumanCount(1000), "1.00 k");
  EXPECT_EQ(HumanCount(12'345'678), "12.3 M");
  EXPECT_EQ(HumanCount(104e9), "104 G");
}

const OrderedJson& Named(const OrderedJson& list, const std::string& name) {
  for (const OrderedJson& head : list) {
    if (head["name"] == name) return head;
  }
  throw Error(ErrorKind::kInternal, name);
}

// Spec section C, BERT-large, T=386: shares as the paper prints them, multiply-adds as the spec estimates.
TEST(HeadList, JsonHoldsEveryHeadWithItsShareAndCost) {
  HeadListRequest request = Request("bert-large");
  request.tokens = 386;
  const OrderedJson list = HeadListJson(request);
  ASSERT_EQ(list.size(), 33U + 25U);
  EXPECT_EQ(list[0]["name"], "1xn-cnn");
  EXPECT_EQ(list[57]["name"], "layer-24");
  const OrderedJson& skip = Named(list, "adapter-386-shared-skip");
  EXPECT_EQ(skip["kind"], "span");
  EXPECT_EQ(skip["parameters"], 417000);
  EXPECT_NEAR(skip["percent_of_bert_large"].get<double>(), 0.1244, 5e-5);
  EXPECT_EQ(skip["percent_of_bert_large"], skip["percent_of_backbone"]);
  EXPECT_EQ(Named(list, "xception-full")["trainable"], 20'662'106);
  EXPECT_EQ(Named(list, "lp-adapter-inception-tokens")["in_all"], false);
  for (const auto& [name, billions] :
       {std::pair("adapter-386-shared", 3.8), std::pair("1xn-cnn", 11.8), std::pair("lp-1xn-cnn", 9.0),
        std::pair("lp-adapter-1xn-cnn", 3.5), std::pair("1xn-cnn-dilated", 14.0),
        std::pair("lp-adapter-nxn-cnn", 14.2), std::pair("lp-adapter-inception", 104.0),
        std::pair("lp-adapter-xception-mod", 50.0)}) {
    EXPECT_NEAR(Named(list, name)["multiply_adds"].get<double>() / 1e9, billions, 0.03 * billions) << name;
  }
}

TEST(HeadList, TextNamesEveryHeadAndTheBackbone) {
  const std::string text = HeadListText(Request("minilm"));
  for (const char* part : {"adapter-386-shared-lp-branch", "2(Hd+d)+L+1+2(Ld+d)+2", "last-layer", "layer-<k>",
                           "0 (embeddings) to 6", "minilm: L=7 states a token (rows: 8), H=384",
                           "xception-abbr", "A row head reads the pooled output", "176 tokens"}) {
    EXPECT_THAT(text, testing::HasSubstr(part));
  }
}

TEST(HeadList, PageOfAHeadShowsShapesCostsAndStarts) {
  const std::string text = HeadPageText(Request("bert-large"), "1xn-cnn");
  for (const char* part :
       {"332,802, 331,906 of them trained", "0.099 % of BERT-large", "[T, 25, 1024]", "→ [T, 128, 342]",
        "→ [T, 192, 57]", "→ [T, 10944]", "dropout 0.2", "trunk.0.weight", "[128, 25, 1, 7]",
        "uniform within", "trunk.2.norm.variance", "1, not trained"}) {
    EXPECT_THAT(text, testing::HasSubstr(part));
  }
  EXPECT_THAT(HeadPageText(Request("bert-base"), "ap"), testing::HasSubstr("C=2, T=176"));
  EXPECT_THAT(HeadPageText(Request("minilm"), "layer-3"), testing::HasSubstr("linear probe of layer 3"));
  EXPECT_THAT(HeadPageText(Request("minilm"), "xception-full-max"), testing::HasSubstr("not part of"));
}

TEST(HeadList, PageAsJsonAddsUpToTheHead) {
  for (const char* name : {"lp-adapter-inception", "xception-full", "detect-parts"}) {
    const OrderedJson page = HeadPageJson(Request("minilm"), name);
    int64_t sum = 0;
    for (const OrderedJson& stage : page["stages"]) sum += stage["parameters"].get<int64_t>();
    EXPECT_EQ(sum, page["parameters"]) << name;
    EXPECT_FALSE(page["tensors"].empty());
  }
}

TEST(HeadList, AnUnknownHeadGetsTheNearestNames) {
  try {
    HeadPageText(Request("minilm"), "xeption-abbr");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("did you mean xception-abbr"));
  }
}

}  // namespace
}  // namespace bv::cli
