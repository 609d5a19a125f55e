#include "data/text_data.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <sstream>

#include "base/error.h"
#include "base/testing.h"

namespace bv {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TextData Read(const std::string& name, const std::string& content, const TextOptions& options = {}) {
  const test::ScratchFolder folder;
  WriteFileAtomically(folder / name, content);
  return ReadTextData(folder / name, options);
}

std::string ErrorOf(const std::string& name, const std::string& content, const TextOptions& options = {},
                    ErrorKind kind = ErrorKind::kData) {
  try {
    Read(name, content, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  return "(no error)";
}

std::vector<int32_t> Labels(const TextData& data) {
  std::vector<int32_t> labels;
  for (const TextExample& example : data.examples) labels.push_back(example.label);
  return labels;
}

const TextOptions kPairs = {.columns = {.text = "q", .text_b = "s", .label = "y", .id = ""}};

TEST(TextData, TabSeparatedFilesAreReadByTheNamesOfTheirColumns) {
  const TextData data = Read("a.tsv", "label\tmore\ttext\ngood \t-\t \"Fine,\r\nbad\t\t\n");
  EXPECT_THAT(data.label_names, ElementsAre("bad", "good"));
  EXPECT_THAT(Labels(data), ElementsAre(1, 0));
  EXPECT_EQ(data.examples[0].text_a, " \"Fine,");
  EXPECT_EQ(data.examples[1].text_a, "");
  EXPECT_EQ(data.examples[1].id, "3");
  EXPECT_TRUE(data.labelled);
  EXPECT_FALSE(data.pair);
  EXPECT_NE(data.hash, 0U);
  EXPECT_TRUE(std::isnan(data.examples[0].value));
}

TEST(TextData, CommaSeparatedFilesMayQuoteTheirFields) {
  const TextData data = Read("a.csv", "\xEF\xBB\xBFid,q,s,y\r\nx,\"a, b\",\"c\nd\",1\r\nz,e,f,0\r\n", kPairs);
  ASSERT_EQ(data.examples.size(), 2U);
  EXPECT_TRUE(data.pair);
  EXPECT_EQ(data.examples[0].id, "x");
  EXPECT_EQ(data.examples[0].text_a, "a, b");
  EXPECT_EQ(data.examples[0].text_b, "c\nd");
  EXPECT_THAT(Labels(data), ElementsAre(1, 0));
}

TEST(TextData, JsonLinesMayLabelWithTextsNumbersAndTruth) {
  const TextData data = Read("a.jsonl",
                             "{\"q\": \"a\", \"s\": \"b\", \"y\": true}\n\n{\"q\": \"\", \"s\": \"\", "
                             "\"y\": \"maybe\", \"id\": 7}\n{\"q\": \"c\", \"s\": \"d\", \"y\": 3}\n",
                             kPairs);
  EXPECT_THAT(data.label_names, ElementsAre("3", "maybe", "true"));
  EXPECT_THAT(Labels(data), ElementsAre(2, 1, 0));
  EXPECT_EQ(data.examples[0].id, "1");
  EXPECT_EQ(data.examples[1].id, "7");
  EXPECT_EQ(data.examples[2].text_b, "d");
}

TEST(TextData, NumbersAsLabelsAreSortedByValue) {
  const std::string rows = "text\tlabel\na\t10\nb\t9\nc\t-1\nd\t10\n";
  EXPECT_THAT(Read("a.tsv", rows).label_names, ElementsAre("-1", "9", "10"));
  EXPECT_THAT(Labels(Read("a.tsv", rows)), ElementsAre(2, 1, 0, 2));
  EXPECT_THAT(Read("a.tsv", rows + "e\tx\n").label_names, ElementsAre("-1", "10", "9", "x"));
}

TEST(TextData, LabelsOfOtherDataAreThoseOfTheTrainingData) {
  const TextOptions options = {.label_names = {"no", "yes", "perhaps"}};
  const TextData data = Read("dev.tsv", "text\tlabel\na\tyes\n", options);
  EXPECT_THAT(Labels(data), ElementsAre(1));
  EXPECT_EQ(data.label_names, options.label_names);
  EXPECT_THAT(ErrorOf("dev.tsv", "text\tlabel\na\tyes\nb\tYes\n", options),
              AllOf(HasSubstr("dev.tsv:3: label 'Yes'"), HasSubstr("'no', 'yes', 'perhaps'")));
  EXPECT_THAT(ErrorOf("a.tsv", "text\tlabel\na\tx\n", {.label_names = {"x", "x"}}, ErrorKind::kUsage),
              HasSubstr("'x' is given twice"));
}

TEST(TextData, LabelsMayBeMissingWherePredictionAllowsIt) {
  const TextOptions predict = {.labels = LabelUse::kIfPresent};
  EXPECT_FALSE(Read("a.tsv", "text\na\n", predict).labelled);
  EXPECT_TRUE(Read("a.tsv", "text\tlabel\na\t1\nb\t2\n", predict).labelled);
  EXPECT_FALSE(Read("a.jsonl", "{\"text\": \"a\", \"label\": null}", predict).labelled);
  EXPECT_THAT(ErrorOf("a.tsv", "text\tlabel\na\t1\nb\t \n", predict),
              HasSubstr("a.tsv:3: the label is missing, but the rows before have one"));
  EXPECT_THAT(ErrorOf("a.jsonl", "{\"text\": \"a\"}\n{\"text\": \"b\", \"label\": 1}", predict),
              HasSubstr("a.jsonl:2: the label is '1', but the rows before have none"));
  const TextData ignored = Read("a.tsv", "text\tlabel\na\t1\nb\t\n", {.labels = LabelUse::kIgnored});
  EXPECT_FALSE(ignored.labelled);
  EXPECT_THAT(Labels(ignored), ElementsAre(-1, -1));
}

TEST(TextData, RegressionTakesFiniteNumbersOnly) {
  const TextOptions options = {.regression = true};
  const TextData data = Read("a.tsv", "text\tlabel\na\t 2.50\nb\t-1e3\n", options);
  EXPECT_EQ(data.examples[0].value, 2.5);
  EXPECT_EQ(data.examples[1].value, -1000);
  EXPECT_EQ(data.examples[1].label, -1);
  EXPECT_TRUE(data.label_names.empty());
  EXPECT_EQ(Read("a.jsonl", "{\"text\": \"a\", \"label\": 0.1}", options).examples[0].value, 0.1);
  for (const char* wrong : {"nan", "inf", "-infinity", "1e999", "-1e39", "3 4", "1,5", "x"}) {
    EXPECT_THAT(
        ErrorOf("a.tsv", std::string("text\tlabel\na\t1\nb\t") + wrong + "\n", options),
        AllOf(HasSubstr("a.tsv:3: label '" + std::string(wrong)), HasSubstr("a finite number is needed")));
  }
}

TEST(TextData, MissingColumnsAreNamedWithThoseThatThereAre) {
  EXPECT_THAT(ErrorOf("a.tsv", "Text\tlabel\na\t1\n"),
              HasSubstr("a.tsv: there is no column 'text'; the columns are 'Text', 'label'"));
  EXPECT_THAT(ErrorOf("a.csv", "q;s;y\na;b;1\n", kPairs),
              HasSubstr("no column 'q'; the columns are 'q;s;y'"));
  EXPECT_THAT(ErrorOf("a.tsv", "text\na\n"), HasSubstr("no column 'label'"));
  EXPECT_THAT(ErrorOf("a.tsv", "text\tlabel\na\t1\n", {.columns = {.id = "key"}}),
              HasSubstr("no column 'key'"));
  EXPECT_THAT(ErrorOf("a.tsv", "text\ttext\tlabel\na\tb\t1\n"),
              HasSubstr("'text' stands in the header twice"));
  EXPECT_THAT(ErrorOf("a.jsonl", "{\"label\": 1}"), HasSubstr("a.jsonl:1: key 'text' is missing"));
  EXPECT_THAT(ErrorOf("a.jsonl", "{\"text\": \"a\", \"label\": [1]}"), HasSubstr("'label' is array"));
}

TEST(TextData, RowsWithOtherColumnsThanTheHeaderAreRefusedOrDropped) {
  const std::string rows = "text\tlabel\na\t1\nb\nc\t2\t\nd\t0\n";
  EXPECT_THAT(ErrorOf("a.tsv", rows), HasSubstr("a.tsv:3: the row has 1 column where 2 belong"));
  const TextData data = Read("a.tsv", rows, {.skip_bad_rows = true});
  ASSERT_EQ(data.examples.size(), 2U);
  EXPECT_EQ(data.examples[1].id, "5");
}

TEST(TextData, FilesThatTeachNothingAreRefused) {
  EXPECT_THAT(ErrorOf("a.tsv", ""), HasSubstr("a.tsv: it is empty"));
  EXPECT_THAT(ErrorOf("a.tsv", "text\tlabel\n\n"), HasSubstr("a.tsv: it holds no rows"));
  EXPECT_THAT(ErrorOf("a.jsonl", "\n"), HasSubstr("a.jsonl: it holds no rows"));
  EXPECT_THAT(ErrorOf("a.tsv", "text\tlabel\na\tx\nb\tx\n"), HasSubstr("every label is 'x'"));
  std::string numbers = "text\tlabel\n";
  for (int i = 0; i < 5000; ++i) numbers += "a\t" + std::to_string(i) + ".5\n";
  EXPECT_THAT(ErrorOf("a.tsv", numbers), HasSubstr("a.tsv:4098: more than 4096 different labels"));
}

TEST(TextData, OtherErrorsNameFileAndLineToo) {
  EXPECT_THAT(ErrorOf("a.tsv", "text\tlabel\na\t1\n\xFF\t2\n"), HasSubstr("a.tsv:3: byte 0 of the line"));
  EXPECT_THAT(ErrorOf("a.tsv", "id\ttext\tlabel\nx\ta\t1\nx\tb\t2\n"),
              HasSubstr("a.tsv:3: id 'x' belongs to an earlier row"));
  EXPECT_THAT(ErrorOf("a.jsonl", "{\"text\": \"a\", \"label\": 1}\n{\"text\""),
              HasSubstr("a.jsonl:2: not valid"));
  EXPECT_THAT(ErrorOf("a.parquet", "x", {}, ErrorKind::kUsage), HasSubstr("the name tells no format"));
  EXPECT_EQ(Read("a.data", "text,label\n\"a\",1\nb,2\n", {.format = TextFormat::kCsv}).examples.size(), 2U);
}

TEST(TextData, StandardInputIsJsonLinesUnlessToldOtherwise) {
  const auto read = [](const std::string& content, const TextOptions& options) {
    std::istringstream input(content);
    std::streambuf* before = std::cin.rdbuf(input.rdbuf());
    TextData data = ReadTextData("-", options);
    std::cin.rdbuf(before);
    return data;
  };
  EXPECT_EQ(read("{\"text\": \"a\"}\n", {.labels = LabelUse::kIfPresent}).file, "standard input");
  const TextOptions tsv = {.format = TextFormat::kTsv, .labels = LabelUse::kIfPresent};
  EXPECT_EQ(read("text\na b\n", tsv).examples[0].text_a, "a b");
}

QaData Questions() {
  QaData data;
  data.file = "q.json";
  data.contexts = {"Ann came in May."};
  data.examples = {{"q1", "", "Who?", 0, {}, false, "person"}, {"q2", "", "When?", 0, {}, false, "date"}};
  return data;
}

TEST(AnswerTypeData, QuestionsAreClassifiedByTheKindOfTheirAnswer) {
  const TextData data = AnswerTypeData(Questions(), false);
  EXPECT_THAT(data.label_names, ElementsAre("date", "person"));
  EXPECT_THAT(Labels(data), ElementsAre(1, 0));
  EXPECT_EQ(data.examples[0].id, "q1");
  EXPECT_EQ(data.examples[0].text_a, "Who?");
  EXPECT_FALSE(data.pair);
  EXPECT_EQ(AnswerTypeData(Questions(), true).examples[1].text_b, "Ann came in May.");
}

TEST(AnswerTypeData, QuestionsWithoutAKindOrWithAnUnknownOneAreNamed) {
  QaData data = Questions();
  EXPECT_THROW(AnswerTypeData(data, false, {.label_names = {"person"}}), Error);
  data.examples[1].answer_type = "";
  try {
    AnswerTypeData(data, false);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "q.json: question 'q2' has no 'answer_type'");
  }
  EXPECT_FALSE(AnswerTypeData(data, false, {.labels = LabelUse::kIgnored}).labelled);
}

TEST(AnswerTypeData, TheDemosQuestionsAreOfNineKinds) {
  const std::filesystem::path folder = std::filesystem::path(BERTVISION_SOURCE_DIR) / "demo" / "data";
  const TextData train = AnswerTypeData(ReadSquad(folder / "train.json"), false);
  EXPECT_THAT(train.label_names, ElementsAre("date", "description", "group", "number", "person", "place",
                                             "process", "reason", "thing"));
  EXPECT_EQ(train.examples.size(), 742U);
  const TextData dev =
      AnswerTypeData(ReadSquad(folder / "dev.json"), true, {.label_names = train.label_names});
  EXPECT_EQ(dev.examples.size(), 168U);
  const std::vector<int32_t> labels = Labels(dev);
  EXPECT_EQ(std::count(labels.begin(), labels.end(), 4), 33);  // persons
}

}  // namespace
}  // namespace bv
