#include "decode/answer_collector.h"

#include <gtest/gtest.h>

#include <cmath>

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

DecodeOptions ByPaper(DecodeOptions::Decoder decoder = DecodeOptions::kPaper) {
  DecodeOptions options;
  options.decoder = decoder;
  return options;
}

const std::vector<int32_t> kIds = {2, 10, 3, 11, 12, 13, 3};

void AddWithIds(AnswerCollector* collector, int32_t example, int32_t number,
                const std::vector<float>& logits) {
  const std::vector<std::span<const float>> views = {logits};
  collector->Add({example, number, 3, 6}, kRanges, views, kIds);
}

TEST(AnswerCollector, TheStudysDecoderIsChosenByTheOptions) {
  const QaData data = TwoQuestions();
  AnswerCollector collector(data, 1);
  AddWithIds(&collector, 0, 0, Peak(3));
  std::vector<float> question_and_more = Peak(1);  // a span from the question into the context
  question_and_more[2 * 1 + 1] = -5;
  question_and_more[2 * 4 + 1] = 5;
  AddWithIds(&collector, 1, 1, question_and_more);
  const auto answers = collector.Decode(0, ByPaper(), 1);
  EXPECT_EQ(answers[0].text, "Rome");
  EXPECT_EQ(answers[0].pieces, (std::vector<int32_t>{11}));
  EXPECT_FALSE(answers[0].has_null);
  EXPECT_NEAR(answers[0].score, 1, 1e-3);
  ASSERT_EQ(answers[0].n_best.size(), 1u);
  EXPECT_EQ(answers[0].n_best[0].start_logit, 5);
  // Pieces outside the context are part of the answer, but not of its text.
  EXPECT_EQ(answers[1].pieces, (std::vector<int32_t>{10, 3, 11, 12}));
  EXPECT_EQ(answers[1].text, "Rome is");
  // The threshold has no say, and there is none to be searched for.
  const SquadScores scores = ScoreAnswers(data, answers, -1e9);
  EXPECT_EQ(scores.has_answer->exact, 100);
  EXPECT_EQ(scores.no_answer->exact, 0);
  EXPECT_FALSE(scores.best.has_value());
}

TEST(AnswerCollector, ScoresOfPiecesAreThoseOfTheAnswersPieces) {
  const QaData data = TwoQuestions();
  AnswerCollector collector(data, 1);
  AddWithIds(&collector, 0, 0, Peak(3));
  AddWithIds(&collector, 1, 1, Peak(0));
  TokenizerFiles files;
  files.pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "c", "d", "e", "f", "q", "rome", "is", "old"};
  const PieceScores scores =
      ScoreAnswerPieces(data, Tokenizer(std::move(files)), collector.Decode(0, ByPaper(), 1));
  EXPECT_EQ(scores.all.exact, 100);
  EXPECT_EQ(PieceMetrics(scores)[0], (std::pair<std::string, double>("piece_exact", 100)));
  EXPECT_EQ(PieceMetrics(scores).back().first, "NoAns_piece_f1");
}

// Two windows with log probabilities: normalised, the first would be surer; as they are, the second one is.
TEST(AnswerCollector, ProbabilitiesOfAnEnsembleAreNotNormalisedAgain) {
  const QaData data = TwoQuestions();
  const auto logs = [](size_t piece, float probability, float others) {
    std::vector<float> values(2 * kRanges.size(), std::log(others));
    values[2 * piece] = values[2 * piece + 1] = std::log(probability);
    return values;
  };
  AnswerCollector collector(data, 1);
  AddWithIds(&collector, 0, 0, logs(3, 0.25F, 0.01F));
  AddWithIds(&collector, 0, 1, logs(5, 0.5F, 0.2F));
  AddWithIds(&collector, 1, 2, logs(0, 1.25F, 0.01F));
  const auto combined = collector.Decode(0, ByPaper(DecodeOptions::kPaperCombined), 1);
  EXPECT_EQ(combined[0].text, "old");
  EXPECT_NEAR(combined[0].score, 0.25, 1e-6);
  EXPECT_EQ(combined[1].text, "");
  EXPECT_EQ(combined[1].n_best[0].probability, 1);  // a sum of probabilities may be more
  EXPECT_EQ(collector.Decode(0, ByPaper(), 1)[0].text, "Rome");
}

TEST(AnswerCollector, TheStudysDecoderNeedsPieces) {
  const QaData data = TwoQuestions();
  AnswerCollector collector(data, 1);
  AddWindow(&collector, 0, 0, {Peak(3)});
  AddWindow(&collector, 1, 1, {Peak(3)});
  EXPECT_THROW(collector.Decode(0, ByPaper(), 1), Error);
}

// Windows filled up: the highest logits stand on [PAD].
TEST(AnswerCollector, PaddingIsNeverAnAnswerButMayWinByTheStudysRules) {
  const QaData data = TwoQuestions();
  std::vector<ByteRange> ranges = kRanges;
  ranges.resize(10);
  std::vector<int32_t> ids = kIds;
  ids.resize(10, 0);
  std::vector<float> logits(20, -5);
  logits[6] = logits[7] = 1;    // piece 3
  logits[16] = logits[19] = 9;  // pieces 8 and 9
  AnswerCollector collector(data, 1);
  for (const int32_t example : {0, 1}) {
    const std::vector<std::span<const float>> views = {logits};
    collector.Add({example, example, 3, 6}, ranges, views, ids);
  }
  const auto official = collector.Decode(0, {}, 1), study = collector.Decode(0, ByPaper(), 1);
  EXPECT_EQ(official[0].text, "Rome");
  for (const SpanCandidate& candidate : official[0].n_best) EXPECT_LE(candidate.end, 11);
  EXPECT_EQ(study[0].text, "");
  EXPECT_EQ(study[0].pieces, (std::vector<int32_t>{0, 0}));
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
