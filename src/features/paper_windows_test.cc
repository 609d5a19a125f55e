#include "features/paper_windows.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Ids: a 4, b 5, c 6, ##d 7, ##b 8, ( 9, ) 10.
Tokenizer SmallTokenizer() {
  TokenizerFiles files;
  files.pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "c", "##d", "##b", "(", ")"};
  return Tokenizer(std::move(files));
}

QaData OneExample(const std::string& question, const std::string& context, std::vector<Answer> answers = {}) {
  QaData data;
  data.contexts = {context};
  data.examples.emplace_back();
  data.examples[0].id = "q1";
  data.examples[0].question = question;
  data.examples[0].answers = std::move(answers);
  return data;
}

// Pieces of the context, both included; kDropped and kNoPieces as "-1" and "-2".
std::pair<int32_t, int32_t> Label(const std::string& context, const Answer& answer) {
  const Tokenizer tokenizer = SmallTokenizer();
  const PaperLabel label = FindPaperLabel(tokenizer, context, EncodePaperContext(tokenizer, context), answer);
  if (label.kind == PaperLabel::kFound) return {label.first, label.last};
  return label.kind == PaperLabel::kDropped ? std::pair(-1, -1) : std::pair(-2, -2);
}

std::string Repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(PaperWindows, WordsAreCutAtFiveKindsOfWhiteSpaceOnly) {
  const std::string text = " a\tb\r\nc\u202Fd\u00A0e\u2003f\x0bg ";
  std::vector<std::string> words;
  for (const ByteRange word : PaperWords(text)) {
    words.push_back(text.substr(static_cast<size_t>(word.begin), static_cast<size_t>(word.end - word.begin)));
  }
  EXPECT_THAT(words, ElementsAre("a", "b", "c", "d\u00A0e\u2003f\x0bg"));
  EXPECT_TRUE(PaperWords(" \n").empty());
}

TEST(PaperWindows, PiecesPointIntoTheContext) {
  const PaperContext context = EncodePaperContext(SmallTokenizer(), " ad\u202F\u200b (b)");
  EXPECT_THAT(context.pieces.ids, ElementsAre(4, 7, 9, 5, 10));
  EXPECT_THAT(context.first_piece, ElementsAre(0, 2, 2, 5));
  EXPECT_EQ(context.pieces.ranges[0], (ByteRange{1, 2}));
  EXPECT_EQ(context.pieces.ranges[1], (ByteRange{2, 3}));
  EXPECT_EQ(context.pieces.ranges[4], (ByteRange{12, 13}));
}

TEST(PaperWindows, TheStrideIsHowFarWindowsAdvance) {
  // 386 pieces leave 381 for the context of a question of 2: windows at 0, 128 and 256, which reaches the
  // end.
  PaperWindowStatistics statistics;
  const auto windows =
      MakePaperWindows(SmallTokenizer(), OneExample("a b", Repeated("a b ", 300)), {}, 1, &statistics);
  ASSERT_EQ(windows.size(), 3U);
  EXPECT_THAT(statistics.windows_per_example, ElementsAre(3));
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(windows[i].context_begin, 4);
    EXPECT_EQ(windows[i].ranges[4].begin, static_cast<int32_t>(i) * 256);
  }
  EXPECT_EQ(windows[0].ids.size(), 386U);
  EXPECT_EQ(windows[1].ids.size(), 386U);
  EXPECT_EQ(windows[2].context_end - windows[2].context_begin, 600 - 256);
  EXPECT_EQ(windows[2].type_ids[3], 0);
  EXPECT_EQ(windows[2].type_ids[4], 1);
}

TEST(PaperWindows, AWindowThatReachesTheEndIsTheLast) {
  const auto count = [](int pieces) {
    return MakePaperWindows(SmallTokenizer(), OneExample("a b", Repeated("a ", pieces)), {}, 1).size();
  };
  EXPECT_EQ(count(381), 1U);
  EXPECT_EQ(count(382), 2U);
  EXPECT_EQ(count(381 + 128), 2U);
  EXPECT_EQ(count(381 + 129), 3U);
}

TEST(PaperWindows, QuestionsAreCutAtTheirLimit) {
  PaperWindowStatistics statistics;
  const auto windows =
      MakePaperWindows(SmallTokenizer(), OneExample(Repeated("ad ", 40), "b"), {}, 1, &statistics);
  EXPECT_EQ(windows[0].context_begin, 66);
  EXPECT_EQ(windows[0].ids[64], 7);
  EXPECT_EQ(windows[0].ids[65], 3);
  EXPECT_EQ(statistics.cut_questions, 1);
  EXPECT_EQ(MakePaperWindows(SmallTokenizer(), OneExample("ad", "b"), {.question_limit = 0}, 1)[0].ids.size(),
            4U);
}

TEST(PaperWindows, LabelsAreTheAnswersWordsNarrowedToItsPieces) {
  EXPECT_EQ(Label("a b c", {"b", 2}), std::pair(1, 1));
  EXPECT_EQ(Label("a (bd) c", {"bd", 3}), std::pair(2, 3));  // without the brackets of its word
  EXPECT_EQ(Label("a b-a c", {"b", 2}), std::pair(1, 1));
  EXPECT_EQ(Label("a b c", {"a b c", 0}), std::pair(0, 2));
  EXPECT_EQ(Label("c (b b) c", {"b b", 3}), std::pair(2, 3));
}

TEST(PaperWindows, LabelsInsideAWordCoverItWhereNoPiecesMatch) {
  EXPECT_EQ(Label("a bdd c", {"dd", 3}), std::pair(1, 3));  // "dd" alone is [UNK]
  EXPECT_EQ(Label("a adb c", {"a", 2}), std::pair(1, 1));   // the first piece of the word
  // "b" at the word's end is the piece ##b, not b: the whole word.
  EXPECT_EQ(Label("c ab c", {"b", 3}), std::pair(1, 2));
}

TEST(PaperWindows, TheFirstMatchInTheWordsWins) {
  EXPECT_EQ(Label("(b)(b) c", {"b", 4}), std::pair(1, 1));
}

TEST(PaperWindows, WhiteSpaceIsSqueezedBeforeTheAnswerIsLookedFor) {
  EXPECT_EQ(Label("a \n b  c", {"a \n b", 0}), std::pair(0, 1));
  EXPECT_EQ(Label("a b c", {"b ", 2}), std::pair(1, 1));
  EXPECT_EQ(Label("a b c", {" b", 1}), std::pair(1, 1));  // begins in the space: the word before counts too
  // A no-break space stays in the context's words and goes from the answer.
  EXPECT_EQ(Label("a\u00A0b c", {"a\u00A0b", 0}), std::pair(-1, -1));
  EXPECT_EQ(Label("a\u202Fb c", {"a\u202Fb", 0}), std::pair(0, 1));
  EXPECT_EQ(Label(" a", {" a", 0}), std::pair(-1, -1));  // no word begins at or before it
}

TEST(PaperWindows, WordsWithoutPiecesHaveNoLabel) {
  EXPECT_EQ(Label("a \u200b c", {"\u200b", 2}), std::pair(-2, -2));
}

TEST(PaperWindows, TrainingDropsWhatItCannotFindAndDevKeepsAllWithoutLabels) {
  QaData data = OneExample("a", "a\u00A0b c", {{"a\u00A0b", 0}});
  data.examples.push_back(data.examples[0]);
  data.examples[1].answers = {{"c", 5}};
  data.examples.push_back(data.examples[1]);
  data.examples[2].answers.clear();
  data.examples[2].impossible = true;
  PaperWindowStatistics statistics;
  const auto train = MakePaperWindows(SmallTokenizer(), data, {.training = true}, 1, &statistics);
  ASSERT_EQ(train.size(), 2U);
  EXPECT_EQ(train[0].example, 1);
  EXPECT_EQ(train[0].start, 5);
  EXPECT_EQ(train[0].end, 5);
  EXPECT_EQ(train[1].start + train[1].end, 0);
  EXPECT_EQ(statistics.dropped, 1);
  EXPECT_THAT(statistics.windows_per_example, ElementsAre(0, 1, 1));
  const auto dev = MakePaperWindows(SmallTokenizer(), data, {}, 1);
  ASSERT_EQ(dev.size(), 3U);
  for (const Window& window : dev) EXPECT_EQ(window.start + window.end, 0);
}

TEST(PaperWindows, AWindowWithoutTheWholeAnswerPointsAtCls) {
  // Capacity 4, 2 apart: pieces 0-3, 2-5, 4-7.
  const PaperWindowOptions options{.max_length = 8, .doc_stride = 2, .question_limit = 1, .training = true};
  const QaData data = OneExample("a", "a b c a b c a b", {{"a b", 6}});
  const auto windows = MakePaperWindows(SmallTokenizer(), data, options, 1);
  ASSERT_EQ(windows.size(), 3U);
  EXPECT_EQ(windows[0].start, 0);
  EXPECT_EQ(windows[0].end, 0);
  EXPECT_EQ(windows[1].start, 4);
  EXPECT_EQ(windows[1].end, 5);
  EXPECT_EQ(windows[2].start, 0);
  PaperWindowStatistics statistics;
  const QaData wide = OneExample("a", "a b c a b c a b", {{"b c a b c", 2}});
  MakePaperWindows(SmallTokenizer(), wide, options, 1, &statistics);
  EXPECT_EQ(statistics.lost_labels, 1);
}

TEST(PaperWindows, AContextWithoutPiecesGivesOneWindow) {
  const auto windows = MakePaperWindows(SmallTokenizer(), OneExample("a", "\u200b"), {}, 1);
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_THAT(windows[0].ids, ElementsAre(2, 4, 3, 3));
}

TEST(PaperWindows, StridesThatSkipPiecesAreRefused) {
  const auto failure = [](const PaperWindowOptions& options) -> std::string {
    try {
      options.Check();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      return error.what();
    }
    return "(no error)";
  };
  EXPECT_EQ(failure({}), "(no error)");
  EXPECT_EQ(failure({.max_length = 195}), "(no error)");
  EXPECT_THAT(failure({.max_length = 194}),
              HasSubstr("leaves 127 pieces for the context, less than --advance 128"));
  EXPECT_THAT(failure({.doc_stride = 0}), HasSubstr("--advance 0"));
}

}  // namespace
}  // namespace bv
