#include "cli/data_report.h"

#include <gmock/gmock.h>

namespace bv::cli {
namespace {

using testing::HasSubstr;

DataReport SmallReport() {
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
  return MakeDataReport(Tokenizer(std::move(files)), data, {.max_length = 10, .doc_stride = 2}, 1);
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
}

TEST(DataReport, TextNamesTheFileAndItsKind) {
  const std::string text = DataReportText(SmallReport());
  EXPECT_THAT(text, HasSubstr("small.json: SQuAD 2.0 questions"));
  EXPECT_THAT(text, HasSubstr("--max-length 10 --doc-stride 2"));
}

}  // namespace
}  // namespace bv::cli
