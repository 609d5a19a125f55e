#include "decode/answer_collector.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace bv {
namespace {

// "Rome is old": pieces [CLS] q [SEP] Rome is old [SEP]; two questions over it.
QaData TwoQuestions() {
  QaData data;
  data.contexts = {"Rome is old"};
  data.examples.resize(2);
  data.examples[0] = {"a", "", "q", 0, {{"Rome", 0}}, false, ""};
  data.examples[1] = {"b", "", "q", 0, {}, true, ""};
  data.has_impossible = data.has_answers = true;
  return data;
}

const std::vector<ByteRange> kRanges = {{0, 0}, {0, 1}, {0, 0}, {0, 4}, {5, 7}, {8, 11}, {0, 0}};

// High start and end logits at one piece, low ones elsewhere.
std::vector<float> Peak(size_t piece) {
  std::vector<float> logits(2 * kRanges.size(), -5.0F);
  logits[2 * piece] = logits[2 * piece + 1] = 5.0F;
  return logits;
}

void AddWindow(AnswerCollector* collector, int32_t example, int32_t number,
               const std::vector<std::vector<float>>& logits) {
  const std::vector<std::span<const float>> views(logits.begin(), logits.end());
  collector->Add({example, number, 3, 6}, kRanges, views);
}

TEST(AnswerCollector, KeepsSystemsAndQuestionsApartInAnyOrderOfWindows) {
  const QaData data = TwoQuestions();
  AnswerCollector collector(data, 2);
  AddWindow(&collector, 1, 2, {Peak(0), Peak(5)});
  AddWindow(&collector, 0, 1, {Peak(3), Peak(4)});
  AddWindow(&collector, 0, 0, {Peak(3), Peak(3)});
  const auto first = collector.Decode(0, {}, 2), second = collector.Decode(1, {}, 1);
  EXPECT_EQ(first[0].text, "Rome");
  EXPECT_EQ(first[1].text, "");
  EXPECT_EQ(second[0].text, "Rome");  // equal scores: the earlier window stands first
  EXPECT_EQ(second[1].text, "old");
  EXPECT_EQ(ScoreAnswers(data, first, 0).all.f1, 100);
  EXPECT_EQ(ScoreAnswers(data, second, 0).all.f1, 50);
  EXPECT_EQ(ScoreAnswers(data, second, -100).no_answer->f1, 100);
}

TEST(AnswerCollector, LogitsStandInTheOrderOfTheWindowsWhateverTheBatchesWere) {
  const QaData data = TwoQuestions();
  AnswerCollector there(data, 2), back(data, 2);
  AddWindow(&there, 0, 0, {Peak(3), Peak(4)});
  AddWindow(&there, 1, 1, {Peak(0), Peak(5)});
  AddWindow(&back, 1, 1, {Peak(0), Peak(5)});
  AddWindow(&back, 0, 0, {Peak(3), Peak(4)});
  const SpanLogits logits = there.Logits(1), other = back.Logits(1);
  EXPECT_EQ(logits.offsets, (std::vector<int64_t>{0, 7, 14}));
  EXPECT_EQ(logits.example, (std::vector<int32_t>{0, 1}));
  EXPECT_EQ(logits.context, (std::vector<int32_t>{3, 6, 3, 6}));
  EXPECT_EQ(logits.start[4], 5.0F);
  EXPECT_EQ(logits.end[7 + 5], 5.0F);
  EXPECT_EQ(logits.start, other.start);
  EXPECT_EQ(logits.window, other.window);
  EXPECT_EQ(logits.ranges, other.ranges);
}

TEST(AnswerCollector, AWindowOfNoQuestionIsAnError) {
  const QaData data = TwoQuestions();
  AnswerCollector collector(data, 1);
  EXPECT_THROW(AddWindow(&collector, 2, 0, {Peak(3)}), Error);
  EXPECT_THROW(AddWindow(&collector, -1, 0, {Peak(3)}), Error);
}

TEST(AnswerCollector, AQuestionWithoutWindowsIsAnError) {
  const QaData data = TwoQuestions();
  AnswerCollector collector(data, 1);
  AddWindow(&collector, 0, 0, {Peak(3)});
  EXPECT_THROW(collector.Decode(0, {}, 1), Error);
}

}  // namespace
}  // namespace bv
