#include "data/glue_tasks.h"

#include <gmock/gmock.h>

#include <map>

#include "base/error.h"
#include "base/testing.h"

namespace bv {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TextData Read(const std::string& task, const std::string& content, LabelUse labels = LabelUse::kRequired) {
  const test::ScratchFolder folder;
  WriteFileAtomically(folder / "f.tsv", content);
  return ReadGlue(FindGlueTask(task), folder / "f.tsv", labels);
}

std::string ErrorOf(const std::string& task, const std::string& content,
                    LabelUse labels = LabelUse::kRequired) {
  try {
    Read(task, content, labels);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    return error.what();
  }
  return "(no error)";
}

struct Sample {
  std::string labelled;        // an official file of two rows, the second one of class 1 (or score 5)
  std::string test;            // an official test file of one row with index 0
  std::string text_a, text_b;  // of the second row
};

// The headers of the benchmark's own files.
const std::map<std::string, Sample>& Samples() {
  const std::string two = "index\tsentence1\tsentence2";
  const std::string trees =
      "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse"
      "\tsentence1_parse\tsentence2_parse\tsentence1\tsentence2";
  const std::string stsb = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2";
  static const std::map<std::string, Sample> samples = {
      {"cola", {"gj04\t0\t*\tHim saw.\nbc01\t1\t\t\"A\" b.\n", "index\tsentence\n0\tA b.\n", "\"A\" b.", ""}},
      {"sst-2", {"sentence\tlabel\nbad \t0\n`` a \t1\n", "index\tsentence\n0\ta\n", "`` a ", ""}},
      {"mrpc",
       {"\xEF\xBB\xBFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n0\t8\t9\tc\td\r\n1\t8\t9\ta\t\"b\r\n",
        "index\t#1 ID\t#2 ID\t#1 String\t#2 String\n0\t8\t9\ta\tb\n", "a", "\"b"}},
      {"sts-b",
       {stsb + "\tscore\n0\tg\tf\ty\to\tn\tn\tc\td\t0.000\n1\tg\tf\ty\to\tn\tn\ta\tb\t5.000\n",
        stsb + "\n0\tg\tf\ty\to\tn\tn\ta\tb\n", "a", "b"}},
      {"qqp",
       {"id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n9\t1\t2\tc\td\t0\n8\t1\t2\ta\tb\t1\n",
        "id\tquestion1\tquestion2\n0\ta\tb\n", "a", "b"}},
      {"mnli",
       {trees + "\tlabel1\tgold_label\n0\tp\tp\tg\t(\t(\t(\t(\tc\td\tneutral\tneutral\n"
                "1\tp\tp\tg\t(\t(\t(\t(\ta\tb\tneutral\tentailment\n",
        trees + "\n0\tp\tp\tg\t(\t(\t(\t(\ta\tb\n", "a", "b"}},
      {"qnli",
       {"index\tquestion\tsentence\tlabel\n0\tc\td\tnot_entailment\n1\ta\tb\tentailment\n",
        "index\tquestion\tsentence\n0\ta\tb\n", "a", "b"}},
      {"rte",
       {two + "\tlabel\n0\tc\td\tnot_entailment\n1\ta\tb\tentailment\n", two + "\n0\ta\tb\n", "a", "b"}},
      {"wnli", {two + "\tlabel\n0\tc\td\t0\n1\ta\tb\t1\n", two + "\n0\ta\tb\n", "a", "b"}},
  };
  return samples;
}

TEST(GlueTasks, AllNineReadTheirOfficialFiles) {
  EXPECT_EQ(GlueTasks().size(), 9U);
  for (const GlueTask& task : GlueTasks()) {
    const Sample& sample = Samples().at(task.name);
    const TextData data = Read(task.name, sample.labelled);
    ASSERT_EQ(data.examples.size(), 2U) << task.name;
    const TextExample& second = data.examples[1];
    EXPECT_EQ(second.text_a, sample.text_a) << task.name;
    EXPECT_EQ(second.text_b, sample.text_b) << task.name;
    EXPECT_EQ(data.pair, !sample.text_b.empty()) << task.name;
    EXPECT_EQ(data.regression, task.name == "sts-b");
    EXPECT_EQ(second.label, data.regression ? -1 : 1) << task.name;
    if (data.regression) {
      EXPECT_EQ(second.value, 5);
    }
    EXPECT_EQ(data.label_names, task.label_names);
    EXPECT_TRUE(data.labelled);
  }
}

TEST(GlueTasks, TestFilesHaveNoLabelsAndAreRefusedWhereTheyAreNeeded) {
  for (const GlueTask& task : GlueTasks()) {
    const std::string& content = Samples().at(task.name).test;
    const TextData data = Read(task.name, content, LabelUse::kIfPresent);
    ASSERT_EQ(data.examples.size(), 1U) << task.name;
    EXPECT_EQ(data.examples[0].id, "0") << task.name;
    EXPECT_FALSE(data.labelled);
    EXPECT_THAT(ErrorOf(task.name, content), HasSubstr("no column '" + task.columns.label)) << task.name;
  }
}

TEST(GlueTasks, NamesAliasesAndUnknownOnes) {
  EXPECT_EQ(FindGlueTask("SST_2").name, "sst-2");
  EXPECT_EQ(FindGlueTask("msr").name, "mrpc");
  EXPECT_EQ(FindGlueTask("MNLI-mm").name, "mnli");
  EXPECT_EQ(FindGlueTask("STSB").name, "sts-b");
  try {
    FindGlueTask("ax");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("'ax'"), HasSubstr("cola, sst-2, mrpc")));
  }
}

TEST(GlueTasks, LabelsHaveTheIndicesOfTheStudy) {
  EXPECT_THAT(FindGlueTask("mnli").label_names, ElementsAre("neutral", "entailment", "contradiction"));
  EXPECT_THAT(FindGlueTask("qnli").label_names, ElementsAre("not_entailment", "entailment"));
  EXPECT_THAT(FindGlueTask("rte").label_names, ElementsAre("not_entailment", "entailment"));
  EXPECT_EQ(FindGlueTask("rte").recipe.max_length, 250);
  EXPECT_EQ(FindGlueTask("wnli").recipe.max_length, 98);
  EXPECT_EQ(FindGlueTask("cola").recipe.batch_size, 16);
  EXPECT_EQ(FindGlueTask("qqp").recipe.learning_rate, 1e-5);
}

TEST(GlueTasks, ColaHasNoHeaderInTrainAndDevAndOneInTest) {
  EXPECT_EQ(Read("cola", "gj04\t1\t\tA b.\n").examples[0].id, "1");
  EXPECT_THAT(ErrorOf("cola", "sentence\tlabel\na\t1\n"), HasSubstr("the first row has 2 columns; CoLA's"));
  EXPECT_THAT(ErrorOf("cola", "s\t1\t\ta\ns\t2\t\tb\n"), HasSubstr("f.tsv:2: label '2'"));
}

TEST(GlueTasks, RowsOfMnliWithoutAGoldLabelAreDropped) {
  const std::string rows = "index\tsentence1\tsentence2\tgold_label\n0\ta\tb\t-\n1\tc\td\tneutral\n";
  EXPECT_EQ(Read("mnli", rows).examples.at(0).id, "1");
  EXPECT_EQ(Read("mnli", rows, LabelUse::kIgnored).examples.size(), 2U);
}

TEST(GlueTasks, BrokenRowsAreDroppedInQqpAlone) {
  const std::string& qqp = Samples().at("qqp").labelled;
  EXPECT_EQ(Read("qqp", qqp + "7\t1\t2\t\"\n\"\tWho?\t0\n6\t1\t2\te\tf\t0\n").examples.size(), 3U);
  EXPECT_THAT(ErrorOf("rte", Samples().at("rte").labelled + "2\ta\n"),
              HasSubstr("f.tsv:4: the row has 2 columns"));
}

TEST(GlueTasks, FilesOfAnotherTaskAreRefusedWithTheirColumns) {
  EXPECT_THAT(ErrorOf("qnli", Samples().at("rte").labelled),
              HasSubstr("no column 'question'; the columns are 'index', 'sentence1', 'sentence2', 'label'"));
  EXPECT_THAT(ErrorOf("sst-2", ""), HasSubstr("it is empty"));
}

// Counted with other means.
struct RealFile {
  const char* task;
  const char* file;
  size_t rows;
};

TEST(GlueTasks, RealFilesHaveTheirKnownNumbersOfRows) {
  const auto shared = test::SharedData();
  if (!shared || !std::filesystem::is_directory(*shared / "glue")) {
    GTEST_SKIP() << "no glue/ under BERTVISION_DATA";
  }
  for (const RealFile& real : std::vector<RealFile>{{"sst-2", "SST-2/train.tsv", 6920},
                                                    {"sst-2", "SST-2/dev.tsv", 872},
                                                    {"sst-2", "SST-2/test.tsv", 1821},
                                                    {"sst-2", "SST-2/train-phrases.tsv", 77195},
                                                    {"cola", "CoLA/train.tsv", 8551},
                                                    {"cola", "CoLA/dev.tsv", 1043},
                                                    {"mrpc", "MRPC/msr_paraphrase_train.txt", 4076},
                                                    {"mrpc", "MRPC/msr_paraphrase_test.txt", 1725},
                                                    {"rte", "RTE/train.tsv", 2489},
                                                    {"rte", "RTE/dev.tsv", 277},
                                                    {"sts-b", "STS-B/train.tsv", 5749},
                                                    {"sts-b", "STS-B/dev.tsv", 1500},
                                                    {"sts-b", "STS-B/test.tsv", 1379},
                                                    {"wnli", "WNLI/train.tsv", 634},
                                                    {"wnli", "WNLI/dev.tsv", 71}}) {
    const TextData data = ReadGlue(FindGlueTask(real.task), *shared / "glue" / real.file);
    EXPECT_EQ(data.examples.size(), real.rows) << real.file;
    EXPECT_TRUE(data.labelled);
    for (const TextExample& example : data.examples) {
      ASSERT_FALSE(example.text_a.empty()) << real.file << " " << example.id;
      ASSERT_EQ(example.text_b.empty(), !data.pair) << real.file << " " << example.id;
      if (data.regression) {
        ASSERT_TRUE(example.value >= 0 && example.value <= 5) << real.file << " " << example.id;
      }
    }
  }
}

}  // namespace
}  // namespace bv
