#include "features/task_windows.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace bv {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Ids: a 4, b 5, q 6.
Tokenizer SmallTokenizer() {
  TokenizerFiles files;
  files.pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "q"};
  return Tokenizer(std::move(files));
}

// The second answer holds white space at which the study does not cut words; the third question has none.
TaskExamples ThreeQuestions() {
  TaskExamples examples;
  QaData& data = examples.questions;
  data.contexts = {"a b a b", "a a\u2003b a"};
  data.examples.resize(3);
  for (QaExample& example : data.examples) example.question = "q";
  data.examples[0].answers = {{"b", 2}};
  data.examples[1].context = 1;
  data.examples[1].answers = {{"a\u2003b", 2}};
  data.examples[2].impossible = true;
  data.has_impossible = data.has_answers = true;
  return examples;
}

std::vector<int32_t> ExamplesOf(const TaskWindows& cut) {
  std::vector<int32_t> examples;
  for (const Window& window : cut.windows) examples.push_back(window.example);
  return examples;
}

TEST(TaskWindows, TheStudysTrainingDropsWhatEvaluationKeeps) {
  WindowOptions options = DefaultWindows(WindowRule::kPaper);
  const TaskWindows dev = CutTaskWindows(SmallTokenizer(), ThreeQuestions(), options, 1);
  EXPECT_THAT(ExamplesOf(dev), ElementsAre(0, 1, 2));
  EXPECT_EQ(dev.dropped, 0);
  options.training = true;
  const TaskWindows train = CutTaskWindows(SmallTokenizer(), ThreeQuestions(), options, 1);
  EXPECT_THAT(ExamplesOf(train), ElementsAre(0, 2));
  EXPECT_EQ(train.dropped, 1);
  // Labels are those of training in both, so that evaluation has a loss.
  for (const TaskWindows* cut : {&dev, &train}) {
    EXPECT_EQ(cut->windows[0].start, 4);  // [CLS] q [SEP] a b
    EXPECT_EQ(cut->windows[0].end, 4);
    EXPECT_EQ(cut->windows.back().start, 0);
  }
  EXPECT_EQ(dev.windows[1].start, 0);
  // By the other rule there is nothing to leave out.
  EXPECT_THAT(ExamplesOf(CutTaskWindows(SmallTokenizer(), ThreeQuestions(), {.training = true}, 1)),
              ElementsAre(0, 1, 2));
}

TEST(TaskWindows, TheStudysRuleHoldsForAnswerabilityToo) {
  TaskExamples examples = ThreeQuestions();
  examples.task = {TaskKind::kAnswerability, "answerability", {"answerable", "unanswerable"}};
  WindowOptions options = DefaultWindows(WindowRule::kPaper);
  options.max_length = 7;  // three pieces of the context
  options.doc_stride = 3;
  options.question_limit = 1;
  const TaskWindows cut = CutTaskWindows(SmallTokenizer(), examples, options, 1);
  EXPECT_THAT(ExamplesOf(cut), ElementsAre(0, 0, 1, 1, 2, 2));
  EXPECT_THAT(cut.targets, ElementsAre(0, 1, 1, 1, 1, 1));
}

TEST(TaskWindows, PaddingFillsEveryWindowAndMovesNothing) {
  for (const WindowRule rule : {WindowRule::kHf, WindowRule::kPaper}) {
    WindowOptions options = DefaultWindows(rule);
    const TaskWindows plain = CutTaskWindows(SmallTokenizer(), ThreeQuestions(), options, 1);
    options.pad_to = 400;
    const TaskWindows padded = CutTaskWindows(SmallTokenizer(), ThreeQuestions(), options, 1);
    ASSERT_EQ(padded.windows.size(), plain.windows.size());
    for (size_t i = 0; i < plain.windows.size(); ++i) {
      const Window &a = plain.windows[i], &b = padded.windows[i];
      EXPECT_EQ(b.ids.size(), 400u);
      EXPECT_EQ(b.type_ids.size(), 400u);
      EXPECT_EQ(b.ranges.size(), 400u);
      EXPECT_EQ(b.padding, 400 - static_cast<int32_t>(a.ids.size()));
      EXPECT_TRUE(std::equal(a.ids.begin(), a.ids.end(), b.ids.begin()));
      EXPECT_EQ(b.ids.back(), 0);
      EXPECT_EQ(b.type_ids.back(), 0);
      EXPECT_EQ(b.ranges.back(), ByteRange());
      EXPECT_EQ(b.start, a.start);
      EXPECT_EQ(b.end, a.end);
      EXPECT_EQ(b.context_begin, a.context_begin);
      EXPECT_EQ(b.context_end, a.context_end);
    }
  }
}

TEST(TaskWindows, PaddingShorterThanWindowsMayBeIsRefused) {
  try {
    CutTaskWindows(SmallTokenizer(), ThreeQuestions(), {.pad_to = 383}, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("--pad-to is 383, less than the 384"));
  }
}

TEST(TaskWindows, LongerWindowsThanAModelHasPositionsAreRefusedByTheOptionThatMakesThem) {
  const auto failure = [](const WindowOptions& options) {
    try {
      options.RequirePositions(300, "tiny");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(failure({.max_length = 301}), HasSubstr("--max-length 301 is more than the 300 positions"));
  EXPECT_THAT(failure({.max_length = 300, .pad_to = 302}), HasSubstr("--pad-to 302 is more than"));
  EXPECT_EQ(failure({.max_length = 300, .pad_to = 300}), "");
}

}  // namespace
}  // namespace bv
