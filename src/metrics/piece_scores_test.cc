#include "metrics/piece_scores.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace bv {
namespace {

using Pieces = std::vector<int32_t>;

// Ids: the 4, rock 5, ##s 6, ! 7.
Tokenizer SmallTokenizer() {
  TokenizerFiles files;
  files.pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "rock", "##s", "!"};
  return Tokenizer(std::move(files));
}

QaData Questions(const std::vector<std::vector<std::string>>& golds) {
  QaData data;
  data.contexts = {"-"};
  for (const auto& texts : golds) {
    data.examples.emplace_back();
    data.examples.back().impossible = texts.empty();
    for (const std::string& text : texts) data.examples.back().answers.push_back({text, 0});
  }
  SummariseAnswers(&data);
  return data;
}

TEST(PieceScores, F1CountsPiecesAsAMultiset) {
  EXPECT_EQ(PieceF1(Pieces{1, 2, 3}, Pieces{3, 2, 1}), 1);
  EXPECT_EQ(PieceExact(Pieces{1, 2, 3}, Pieces{3, 2, 1}), 0);
  EXPECT_EQ(PieceF1(Pieces{1, 1, 2}, Pieces{1}), 0.5);              // 1 of 1, 1 of 3
  EXPECT_EQ(PieceF1(Pieces{1, 2}, Pieces{1, 1, 1, 2, 9, 9}), 0.5);  // 2 of 6, 2 of 2
  EXPECT_EQ(PieceF1(Pieces{1}, Pieces{2}), 0);
  EXPECT_EQ(PieceF1(Pieces{}, Pieces{}), 1);
  EXPECT_EQ(PieceF1(Pieces{1}, Pieces{}), 0);
  EXPECT_EQ(PieceF1(Pieces{}, Pieces{1}), 0);
  EXPECT_EQ(PieceExact(Pieces{1, 2}, Pieces{1}), 0);
}

TEST(PieceScores, NothingIsNormalisedAway) {
  const QaData data = Questions({{"Rocks"}});
  const auto exact = [&](const Pieces& predicted) {
    return ScorePieces(data, SmallTokenizer(), {predicted}).all.exact;
  };
  EXPECT_EQ(exact({5, 6}), 100);
  EXPECT_EQ(exact({4, 5, 6}), 0);  // "the rocks"
  EXPECT_EQ(exact({5, 6, 7}), 0);  // "rocks!"
}

TEST(PieceScores, TheBestGoldAnswerCountsForEachScoreByItself) {
  const PieceScores scores = ScorePieces(Questions({{"the", "the rocks"}}), SmallTokenizer(), {{4, 5}});
  EXPECT_EQ(scores.all.exact, 0);
  EXPECT_DOUBLE_EQ(scores.all.f1, 80);  // 2 of 2 and 2 of 3
}

TEST(PieceScores, QuestionsWithoutAnswerWantNone) {
  const QaData data = Questions({{}, {}, {"rock"}, {"rock"}, {"rock"}});
  const PieceScores scores = ScorePieces(data, SmallTokenizer(), {{}, {2}, {}, {5}, {5}});
  EXPECT_EQ(scores.all.total, 5);
  EXPECT_EQ(scores.all.exact, 60);
  EXPECT_EQ(scores.no_answer->exact, 50);
  EXPECT_EQ(scores.no_answer->total, 2);
  EXPECT_NEAR(scores.has_answer->f1, 200.0 / 3, 1e-12);
  EXPECT_EQ(scores.exact_values, (std::vector<double>{1, 0, 0, 1, 1}));
}

TEST(PieceScores, GroupsWithoutQuestionsAreAbsentAndCountsMustAgree) {
  const QaData data = Questions({{"rock"}});
  EXPECT_FALSE(ScorePieces(data, SmallTokenizer(), {{5}}).no_answer.has_value());
  EXPECT_THROW(ScorePieces(data, SmallTokenizer(), {}), Error);
  QaData open = Questions({{}});
  open.examples[0].impossible = false;
  SummariseAnswers(&open);
  EXPECT_THROW(ScorePieces(open, SmallTokenizer(), {{}}), Error);
}

}  // namespace
}  // namespace bv
