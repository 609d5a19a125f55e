#include "cli/data_report.h"

#include <gmock/gmock.h>

namespace bv::cli {
namespace {

using testing::HasSubstr;

DataReport SmallReport(const WindowOptions& options = {.max_length = 10, .doc_stride = 2}) {
  TokenizerFiles files;
  files.pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b"};
  QaData data;
  data.file = "small.json";
  data.contexts = {"a b a b a b a b a b", "b"};
  data.has_impossible = data.has_answers = true;
  for (int i = 0; i < 3; ++i) {
    QaExample example;
    example.id = std::to_string(i);
    example.question = "a b";
    example.context = i == 2;
    example.impossible = i == 1;
    data.examples.push_back(example);
  }
  data.examples[0].answers = {{"a b a b a b a b", 0}};  // longer than a window holds
  data.examples[2].answers = {{"b", 0}};
  return MakeDataReport(Tokenizer(std::move(files)), data, options, 1);
}

TEST(DataReport, CountsQuestionsWindowsAndLostLabels) {
  const OrderedJson json = DataReportJson(SmallReport());
  EXPECT_EQ(json["questions"], 3);
  EXPECT_EQ(json["answerable"], 2);
  EXPECT_EQ(json["impossible"], 1);
  EXPECT_EQ(json["contexts"], 2);
  EXPECT_EQ(json["windows"], 7);  // 3 + 3 + 1: ten pieces in fives that share two
  EXPECT_EQ(json["questions_with_several_windows"], 2);
  EXPECT_EQ(json["tokens"], 2 * (10 + 10 + 9) + 6);
  EXPECT_EQ(json["lost_labels"], 1);
  EXPECT_EQ(json["context_length"]["max"], 10);
  EXPECT_EQ(json["window_length"]["min"], 6);
  EXPECT_EQ(json["questions_by_windows"], OrderedJson({1, 0, 2}));
  EXPECT_EQ(json["uncut_length"]["max"], 2 + 10 + 3);
  EXPECT_FALSE(json.contains("training_windows"));
}

TEST(DataReport, CountsTheStudysWindowsAndWhatItsTrainingLeavesOut) {
  WindowOptions options = DefaultWindows(WindowRule::kPaper);
  options.max_length = 10;
  options.doc_stride = 4;
  options.question_limit = 1;
  const OrderedJson json = DataReportJson(SmallReport(options));
  EXPECT_EQ(json["window_rule"], "paper");
  EXPECT_EQ(json["windows"], 5);  // 2 + 2 + 1: ten pieces in sixes, four apart
  EXPECT_EQ(json["training_windows"], 5);
  EXPECT_EQ(json["dropped_questions"], 0);
  EXPECT_EQ(json["cut_questions"], 3);
  EXPECT_EQ(json["questions_by_windows"], OrderedJson({1, 2}));
  EXPECT_EQ(json["tokens"], 2 * (10 + 10) + 5);
  EXPECT_EQ(json["question_length"]["max"], 2);  // whatever is cut off
  EXPECT_EQ(json["lost_labels"], 1);
}

TEST(DataReport, AQuestionWhoseAnswerIsNotInItsWordsCountsAmongWindowsButNotForTraining) {
  TokenizerFiles files;
  files.pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b"};
  QaData data;
  data.contexts = {"a a\u2003b a"};
  data.has_answers = true;
  data.examples.resize(2);
  data.examples[0].question = data.examples[1].question = "a";
  data.examples[0].answers = {{"a\u2003b", 2}};  // white space at which words are not cut
  data.examples[1].answers = {{"a", 0}};
  const OrderedJson json = DataReportJson(
      MakeDataReport(Tokenizer(std::move(files)), data, DefaultWindows(WindowRule::kPaper), 1));
  EXPECT_EQ(json["windows"], 2);
  EXPECT_EQ(json["training_windows"], 1);
  EXPECT_EQ(json["dropped_questions"], 1);
}

TEST(DataReport, TextNamesTheFileAndItsKind) {
  const std::string text = DataReportText(SmallReport());
  EXPECT_THAT(text, HasSubstr("small.json: SQuAD 2.0 questions"));
  EXPECT_THAT(text, HasSubstr("--max-length 10 --doc-stride 2"));
}

}  // namespace
}  // namespace bv::cli
