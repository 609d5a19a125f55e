#include "fetch/homes.h"

#include "fetch/mrpc.h"

namespace bv::fetch {
namespace {

const std::string kSquad = "https://rajpurkar.github.io/SQuAD-explorer/dataset/";
const std::string kGlue = "https://dl.fbaipublicfiles.com/glue/data/";
const std::string kParaphrases = "https://dl.fbaipublicfiles.com/senteval/senteval_data/";

// A task's archive holds its files in a folder.
DataSet GlueTask(const std::string& name, const std::string& about, const std::string& archive,
                 const std::string& folder, int64_t bytes, const std::string& sha256) {
  return {name,
          about,
          {{kGlue + archive,
            bytes,
            sha256,
            {{"train.tsv", folder + "/train.tsv"},
             {"dev.tsv", folder + "/dev.tsv"},
             {"test.tsv", folder + "/test.tsv"}}}}};
}

DataSet Mnli() {
  DataSet set = GlueTask("mnli", "GLUE: does a sentence follow, contradict, or neither", "MNLI.zip", "MNLI",
                         312783507, "e7c1d896d26ed6caf700110645df426cc2d8ebf02a5ab743d5a5c68ac1c83633");
  set.sources[0].files = {{"train.tsv", "MNLI/train.tsv"},
                          {"dev-matched.tsv", "MNLI/dev_matched.tsv"},
                          {"dev-mismatched.tsv", "MNLI/dev_mismatched.tsv"},
                          {"test-matched.tsv", "MNLI/test_matched.tsv"},
                          {"test-mismatched.tsv", "MNLI/test_mismatched.tsv"}};
  return set;
}

DataSet Squad(const std::string& name, const std::string& about, const std::string& version, DataSource train,
              DataSource dev) {
  train.url = kSquad + "train-v" + version + ".json";
  train.files = {{"train.json", ""}};
  dev.url = kSquad + "dev-v" + version + ".json";
  dev.files = {{"dev.json", ""}};
  return {name, about, {train, dev}};
}

}  // namespace

const char* const kHub = "https://huggingface.co";

const std::vector<std::string>& KnownModels() {
  static const std::vector<std::string> models = {
      "google-bert/bert-base-uncased",
      "google-bert/bert-base-cased",
      "google-bert/bert-large-uncased",
      "google-bert/bert-large-cased",
      "google-bert/bert-base-multilingual-cased",
      "google-bert/bert-base-multilingual-uncased",
      "google-bert/bert-base-chinese",
      "google-bert/bert-base-german-cased",
      "google-bert/bert-large-uncased-whole-word-masking",
      "google-bert/bert-large-cased-whole-word-masking",
      "google-bert/bert-large-uncased-whole-word-masking-finetuned-squad",
      "sentence-transformers/all-MiniLM-L6-v2",
      "sentence-transformers/all-MiniLM-L12-v2",
  };
  return models;
}

// Sizes and hashes are those that the Hugging Face `datasets` library has recorded for these files.
const std::vector<DataSet>& KnownDataSets() {
  static const std::vector<DataSet> sets = {
      Squad("squad1.1", "SQuAD 1.1: every question has an answer", "1.1",
            {"", 30288272, "3527663986b8295af4f7fcdff1ba1ff3f72d07d61a20f487cb238a6ef92fd955", {}},
            {"", 4854279, "95aa6a52d5d6a735563366753ca50492a658031da74f301ac5238b03966972c9", {}}),
      Squad("squad2", "SQuAD 2.0: a third of the questions have no answer", "2.0",
            {"", 42123633, "68dcfbb971bd3e96d5b46c7177b16c1a4e7d4bdef19fb204502738552dede002", {}},
            {"", 4370528, "80a5225e94905956a6446d296ca1093975c4d3b3260f1d6c8f68bc2ab77182d8", {}}),
      GlueTask("cola", "GLUE: is a sentence acceptable English", "CoLA.zip", "CoLA", 376971,
               "f212fcd832b8f7b435fb991f101abf89f96b933ab400603bf198960dfc32cbff"),
      GlueTask("sst2", "GLUE: is a film review positive", "SST-2.zip", "SST-2", 7439277,
               "d67e16fb55739c1b32cdce9877596db1c127dc322d93c082281f64057c16deaa"),
      {"mrpc",
       "GLUE: do two sentences of the news say the same",
       {{kParaphrases + "msr_paraphrase_train.txt",
         1047044,
         "60a9b09084528f0673eedee2b69cb941920f0b8cd0eeccefc464a98768457f89",
         {{"train.txt", ""}}},
        {kParaphrases + "msr_paraphrase_test.txt",
         441275,
         "a04e271090879aaba6423d65b94950c089298587d9c084bf9cd7439bd785f784",
         {{"test.txt", ""}}},
        {kGlue + "mrpc_dev_ids.tsv",
         6222,
         "971d7767d81b997fd9060ade0ec23c4fc31cbb226a55d1bd4a1bac474eb81dc7",
         {{"dev-ids.tsv", ""}}}},
       SplitMrpc,
       {"train.tsv", "dev.tsv", "test.tsv"}},
      GlueTask("stsb", "GLUE: how alike are two sentences, 0 to 5", "STS-B.zip", "STS-B", 802872,
               "e60a6393de5a8b5b9bac5020a1554b54e3691f9d600b775bd131e613ac179c85"),
      GlueTask("qqp", "GLUE: do two questions ask the same", "QQP-clean.zip", "QQP", 41696084,
               "40e7c862c04eb26ee04b67fd900e76c45c6ba8e6d8fab4f8f1f8072a1a3fbae0"),
      Mnli(),
      GlueTask("qnli", "GLUE: does a sentence answer a question", "QNLIv2.zip", "QNLI", 10627589,
               "e634e78627a29adaecd4f955359b22bf5e70f2cbd93b493f2d624138a0c0e5f5"),
      GlueTask("rte", "GLUE: does a sentence follow from another", "RTE.zip", "RTE", 697150,
               "6bf86de103ecd335f3441bd43574d23fef87ecc695977a63b82d5efb206556ee"),
      GlueTask("wnli", "GLUE: what does a pronoun stand for", "WNLI.zip", "WNLI", 28999,
               "ae0e8e4d16f4d46d4a0a566ec7ecceccfd3fbfaa4a7a4b4e02848c0f2561ac46"),
  };
  return sets;
}

const std::vector<std::string>& GlueTasks() {
  static const std::vector<std::string> tasks = {"cola", "sst2", "mrpc", "stsb", "qqp",
                                                 "mnli", "qnli", "rte",  "wnli"};
  return tasks;
}

}  // namespace bv::fetch
