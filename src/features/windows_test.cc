#include "features/windows.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/rng.h"
#include "base/strings.h"

namespace bv {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Tokenizer SmallTokenizer() {
  TokenizerFiles files;
  files.pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "c", "##d", "ᄀ", "##ᅡ", "##ᆨ"};
  return Tokenizer(std::move(files));
}

// Words of one to three pieces, some of several bytes.
std::string RandomText(Rng* rng, uint64_t max_words) {
  std::string text;
  for (uint64_t i = rng->Below(max_words + 1); i > 0; --i) {
    text += std::vector<std::string>{"a ", "bd ", "cdd ", "é", "각 ", ", ", "  "}[rng->Below(7)];
  }
  return text;
}

QaExample Example(std::string id, std::string question, int32_t context = 0) {
  QaExample example;
  example.id = std::move(id);
  example.question = std::move(question);
  example.context = context;
  return example;
}

QaData OneExample(const std::string& question, const std::string& context, std::vector<Answer> answers = {}) {
  QaData data;
  data.contexts = {context};
  data.examples.push_back(Example("q1", question));
  data.examples[0].answers = std::move(answers);
  return data;
}

std::string Failure(const QaData& data, const WindowOptions& options, ErrorKind kind) {
  try {
    MakeWindows(SmallTokenizer(), data, options, 1);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  return "no error";
}

TEST(Windows, LayOutQuestionAndContextAsBertWantsThem) {
  const auto windows = MakeWindows(SmallTokenizer(), OneExample("ad", "b, c"), {}, 1);
  ASSERT_EQ(windows.size(), 1U);
  const Window& w = windows[0];
  EXPECT_THAT(w.ids, ElementsAre(2, 4, 7, 3, 5, 1, 6, 3));
  EXPECT_THAT(w.type_ids, ElementsAre(0, 0, 0, 0, 1, 1, 1, 1));
  EXPECT_EQ(w.context_begin, 4);
  EXPECT_EQ(w.context_end, 7);
  EXPECT_EQ(w.ranges[0], ByteRange{});
  EXPECT_EQ(w.ranges[2], (ByteRange{1, 2}));
  EXPECT_EQ(w.ranges[6], (ByteRange{3, 4}));
  EXPECT_EQ(w.ranges[7], ByteRange{});
}

TEST(Windows, NeighboursShareTheStrideAndTogetherGiveBackTheContext) {
  const Tokenizer tokenizer = SmallTokenizer();
  Rng rng(3);
  for (int round = 0; round < 400; ++round) {
    const Encoding question = tokenizer.Encode(RandomText(&rng, 6));
    const Encoding context = tokenizer.Encode(RandomText(&rng, 80));
    const auto pieces = static_cast<int32_t>(question.ids.size());
    const auto capacity = static_cast<int32_t>(1 + rng.Below(20));
    const auto stride = static_cast<int32_t>(rng.Below(static_cast<uint64_t>(capacity)));
    const WindowOptions options{.max_length = capacity + pieces + 3, .doc_stride = stride};
    const auto windows = CutWindows(tokenizer, question, context, options, "q");
    std::vector<int32_t> ids;
    std::vector<ByteRange> ranges;
    for (size_t i = 0; i < windows.size(); ++i) {
      const Window& w = windows[i];
      ASSERT_LE(w.ids.size(), static_cast<size_t>(options.max_length));
      if (i + 1 < windows.size()) {
        ASSERT_EQ(w.ids.size(), static_cast<size_t>(options.max_length));
      }
      ASSERT_EQ(w.context_begin, pieces + 2);
      ASSERT_EQ(w.context_end + 1, static_cast<int32_t>(w.ids.size()));
      const int32_t skip = i == 0 ? 0 : stride;
      ids.insert(ids.end(), w.ids.begin() + w.context_begin + skip, w.ids.begin() + w.context_end);
      ranges.insert(ranges.end(), w.ranges.begin() + w.context_begin + skip,
                    w.ranges.begin() + w.context_end);
      if (i > 0) {
        ASSERT_GT(w.context_end - w.context_begin, skip) << "a window that adds nothing";
        const Window& before = windows[i - 1];
        ASSERT_TRUE(std::equal(before.ranges.begin() + before.context_end - skip,
                               before.ranges.begin() + before.context_end,
                               w.ranges.begin() + w.context_begin));
      }
    }
    ASSERT_EQ(ids, context.ids);
    ASSERT_EQ(ranges, context.ranges);
  }
}

TEST(Windows, EmptyContextGivesOneWindowWithoutContext) {
  const auto windows = MakeWindows(SmallTokenizer(), OneExample("a", " \u200b"), {}, 1);
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_THAT(windows[0].ids, ElementsAre(2, 4, 3, 3));
  EXPECT_EQ(windows[0].context_begin, windows[0].context_end);
}

TEST(Windows, LabelIsSetOnlyWhereTheWholeAnswerIs) {
  // Capacity 4, overlap 1: pieces [a b c a] [a b c b] of the context.
  const std::string context = "a b c a b c b";
  const QaData data = OneExample("a", context, {{"c a b", 4}, {"a", 0}});
  WindowStatistics statistics;
  const auto windows =
      MakeWindows(SmallTokenizer(), data, {.max_length = 8, .doc_stride = 1}, 1, &statistics);
  ASSERT_EQ(windows.size(), 2U);
  for (const Window& w : windows) EXPECT_EQ(w.start + w.end, 0);
  EXPECT_EQ(statistics.lost_labels, 1);

  const auto wider = MakeWindows(SmallTokenizer(), data, {.max_length = 8, .doc_stride = 2}, 1, &statistics);
  ASSERT_EQ(wider.size(), 3U);
  EXPECT_EQ(wider[0].start, 0);
  EXPECT_EQ(wider[1].start, wider[1].context_begin);  // pieces 2 to 5: c a b c
  EXPECT_EQ(wider[1].end, wider[1].context_begin + 2);
  EXPECT_EQ(statistics.lost_labels, 0);
  EXPECT_EQ(statistics.answerable, 1);
}

TEST(Windows, LabelsInsideWordsAndAtTheLastPieceHoldTheAnswer) {
  const auto label = [](const std::string& context, const Answer& answer) {
    const auto windows = MakeWindows(SmallTokenizer(), OneExample("a", context, {answer}), {}, 1);
    return std::pair(windows[0].start - windows[0].context_begin, windows[0].end - windows[0].context_begin);
  };
  EXPECT_EQ(label("a bdd c", {"dd", 3}), std::pair(2, 3));
  EXPECT_EQ(label("a b c", {"c", 4}), std::pair(2, 2));
  EXPECT_EQ(label("a b c", {"a b c", 0}), std::pair(0, 2));
  EXPECT_EQ(label("a 각 c", {"각", 2}), std::pair(1, 3));  // three pieces share the syllable's bytes
}

TEST(Windows, ImpossibleAndUnlabelledExamplesPointAtCls) {
  QaData data = OneExample("a", "a b", {{"b", 2}});
  data.examples[0].impossible = true;
  data.examples.push_back(Example("q2", "b"));
  WindowStatistics statistics;
  for (const Window& w : MakeWindows(SmallTokenizer(), data, {}, 1, &statistics)) EXPECT_EQ(w.end, 0);
  EXPECT_EQ(statistics.impossible, 1);
  EXPECT_EQ(statistics.answerable, 0);
  EXPECT_EQ(statistics.lost_labels, 0);
}

TEST(Windows, StridesThatSkipOrNeverAdvanceAreErrorsWithTheNumbers) {
  const QaData data = OneExample("a a a", "b b b b b b b b");
  EXPECT_THAT(Failure(data, {.max_length = 10, .doc_stride = -1}, ErrorKind::kUsage), HasSubstr("-1"));
  EXPECT_THAT(Failure(data, {.max_length = 10, .doc_stride = 6}, ErrorKind::kUsage),
              HasSubstr("--doc-stride 6 with --max-length 10"));
  EXPECT_THAT(Failure(data, {.max_length = 10, .doc_stride = 4}, ErrorKind::kData),
              AllOf(HasSubstr("'q1'"), HasSubstr("question has 3 pieces"), HasSubstr("leaves 4")));
  EXPECT_THAT(Failure(data, {.max_length = 6, .doc_stride = 0}, ErrorKind::kData),
              AllOf(HasSubstr("'q1'"), HasSubstr("question has 3 pieces"), HasSubstr("no room")));
  EXPECT_EQ(MakeWindows(SmallTokenizer(), data, {.max_length = 10, .doc_stride = 3}, 1).size(), 5U);
}

TEST(Windows, ThreadsChangeNothing) {
  Rng rng(5);
  QaData data;
  for (int i = 0; i < 60; ++i) {
    data.contexts.push_back(RandomText(&rng, 60));
    for (int k = 0; k < 3; ++k) {
      data.examples.push_back(Example(Cat(i, k), RandomText(&rng, 4), i));
    }
  }
  const Tokenizer tokenizer = SmallTokenizer();
  const WindowOptions options{.max_length = 40, .doc_stride = 5};
  WindowStatistics statistics;
  const auto one = MakeWindows(tokenizer, data, options, 1, &statistics);
  const auto many = MakeWindows(tokenizer, data, options, 4);
  ASSERT_EQ(one.size(), many.size());
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].ids, many[i].ids);
    EXPECT_EQ(one[i].example, many[i].example);
  }
  EXPECT_EQ(statistics.window_lengths.size(), one.size());
  EXPECT_EQ(statistics.windows_per_example.size(), data.examples.size());
}

TEST(Percentile, IsTheNearestRank) {
  const std::vector<int32_t> values = {30, 10, 20, 40, 50};
  EXPECT_EQ(Percentile(values, 0), 10);
  EXPECT_EQ(Percentile(values, 50), 30);
  EXPECT_EQ(Percentile(values, 98), 50);
  EXPECT_EQ(Percentile(values, 100), 50);
  EXPECT_EQ(Percentile({}, 50), 0);
}

}  // namespace
}  // namespace bv
