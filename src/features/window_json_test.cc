#include "features/window_json.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace bv {
namespace {

using testing::HasSubstr;

WindowOptions Back(const WindowOptions& options) {
  OrderedJson json;
  AddWindowOptions(options, &json);
  return ReadWindowOptions(Json::parse(json.dump()), "file.json");
}

TEST(WindowJson, TheDefaultRuleHasTheTwoKeysThatItAlwaysHad) {
  OrderedJson json;
  AddWindowOptions({.max_length = 100, .doc_stride = 7}, &json);
  EXPECT_EQ(json.dump(), R"({"max_length":100,"doc_stride":7})");
  const WindowOptions back = Back({.max_length = 100, .doc_stride = 7});
  EXPECT_EQ(back.max_length, 100);
  EXPECT_EQ(back.doc_stride, 7);
  EXPECT_EQ(back.rule, WindowRule::kHf);
  EXPECT_EQ(back.pad_to, 0);
}

// A program that does not know the rule must not take such windows for its own, so doc_stride is not there.
TEST(WindowJson, TheStudysRuleSaysEverythingAndIsReadBack) {
  WindowOptions paper = DefaultWindows(WindowRule::kPaper);
  paper.doc_stride = 100;
  paper.question_limit = 30;
  paper.training = true;
  paper.pad_to = 390;
  OrderedJson json;
  AddWindowOptions(paper, &json);
  EXPECT_FALSE(json.contains("doc_stride"));
  const WindowOptions back = Back(paper);
  EXPECT_EQ(back.rule, WindowRule::kPaper);
  EXPECT_EQ(back.max_length, 386);
  EXPECT_EQ(back.doc_stride, 100);
  EXPECT_EQ(back.question_limit, 30);
  EXPECT_TRUE(back.training);
  EXPECT_EQ(back.length(), 390);
  EXPECT_FALSE(Back(DefaultWindows(WindowRule::kPaper)).training);
  EXPECT_THAT(WindowText(paper),
              HasSubstr("100 apart, questions of at most 30, for training, padded to 390"));
}

TEST(WindowJson, WrongValuesAreRefusedByKey) {
  const auto failure = [](const char* text) {
    try {
      ReadWindowOptions(Json::parse(text), "file.json");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(failure(R"({"max_length": 10})"), HasSubstr("doc_stride"));
  EXPECT_THAT(failure(R"({"max_length": 0, "doc_stride": 2})"), HasSubstr("max_length"));
  EXPECT_THAT(failure(R"({"max_length": 10, "window_rule": "other"})"),
              HasSubstr("'window_rule' is 'other'"));
  EXPECT_THAT(failure(R"({"max_length": 10, "window_rule": "paper", "advance": 0, "question_limit": 1})"),
              HasSubstr("advance"));
  EXPECT_THAT(failure(R"({"max_length": 10, "doc_stride": 2, "pad_to": 9})"), HasSubstr("pad_to"));
}

}  // namespace
}  // namespace bv
