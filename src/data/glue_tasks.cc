#include "data/glue_tasks.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "data/delimited.h"
#include "data/text_builder.h"
#include "data/text_table.h"

namespace bv {
namespace {

// Columns of CoLA's train and dev files: source, label, the author's mark, sentence.
constexpr size_t kColaColumns = 4, kColaLabel = 1, kColaSentence = 3;

std::string Plain(std::string_view name) {
  std::string plain(name);
  for (char& c : plain) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = '-';
  }
  return plain;
}

TextTable ColaTable(const TextFile& file, size_t columns) {
  if (columns != kColaColumns) {
    throw DataError(file.name, Cat("the first row has ", columns, columns == 1 ? " column" : " columns",
                                   "; CoLA's train and dev files have ", kColaColumns,
                                   ", and test files begin with 'index' and 'sentence'"));
  }
  TextTable table;
  table.columns = kColaColumns;
  table.text_a = kColaSentence;
  table.label = kColaLabel;
  return table;
}

TextTable TableOf(const GlueTask& task, const TextFile& file, const std::vector<std::string>& header,
                  LabelUse labels) {
  const TextColumns& names = task.columns;
  TextTable table;
  table.columns = header.size();
  table.text_a = *FindColumn(file, header, names.text, true);
  if (task.pair()) table.text_b = FindColumn(file, header, names.text_b, true);
  if (labels != LabelUse::kIgnored) {
    table.label = FindColumn(file, header, names.label, labels == LabelUse::kRequired);
  }
  // Test files number their rows in "index", whatever the other files do.
  if (!names.id.empty()) table.id = FindColumn(file, header, names.id, false);
  if (!table.id) table.id = FindColumn(file, header, "index", false);
  table.no_label = "-";
  table.skip_bad_rows = task.name == "qqp";
  return table;
}

}  // namespace

const std::vector<GlueTask>& GlueTasks() {
  using Names = std::vector<std::string>;
  const Names binary = {"0", "1"}, entailment = {"not_entailment", "entailment"};
  const Names nli = {"neutral", "entailment", "contradiction"};
  const Names accuracy = {"accuracy"}, with_f1 = {"accuracy", "f1"};
  const TextColumns single = {"sentence", "", "label", ""};
  const TextColumns two = {"sentence1", "sentence2", "label", "index"};
  const TextColumns mrpc = {"#1 String", "#2 String", "Quality", ""};
  const TextColumns stsb = {"sentence1", "sentence2", "score", "index"};
  const TextColumns qqp = {"question1", "question2", "is_duplicate", "id"};
  const TextColumns mnli = {"sentence1", "sentence2", "gold_label", "index"};
  const TextColumns qnli = {"question", "sentence", "label", "index"};
  const Names mnli_names = {"mnli-m", "mnli-mm", "mnli-matched", "mnli-mismatched"};
  static const std::vector<GlueTask> tasks = {
      {"cola", {}, single, binary, {"matthews", "accuracy"}, {128, 16, 2e-5, "loss"}},
      {"sst-2", {"sst2", "sst"}, single, binary, accuracy, {128, 32, 2e-5}},
      {"mrpc", {"msr"}, mrpc, binary, with_f1, {128, 32, 2e-5}},
      {"sts-b", {"stsb", "sts"}, stsb, {}, {"pearson", "spearman"}, {128, 16, 2e-5, "loss"}},
      {"qqp", {}, qqp, binary, with_f1, {128, 32, 1e-5}},
      {"mnli", mnli_names, mnli, nli, accuracy, {128, 32, 1e-5, "loss", 3}},
      {"qnli", {}, qnli, entailment, accuracy, {128, 32, 1e-5}},
      {"rte", {}, two, entailment, accuracy, {250, 16, 2e-5}},
      {"wnli", {}, two, binary, accuracy, {98, 16, 1e-5}},
  };
  return tasks;
}

const GlueTask* GlueTaskOrNull(std::string_view name) {
  const std::string plain = Plain(name);
  for (const GlueTask& task : GlueTasks()) {
    const bool alias = std::find(task.aliases.begin(), task.aliases.end(), plain) != task.aliases.end();
    if (task.name == plain || alias) return &task;
  }
  return nullptr;
}

const GlueTask& FindGlueTask(std::string_view name) {
  if (const GlueTask* task = GlueTaskOrNull(name)) return *task;
  std::vector<std::string> names;
  for (const GlueTask& task : GlueTasks()) names.push_back(task.name);
  throw Error(ErrorKind::kUsage,
              Cat("no GLUE task is called ", Quoted(name), "; there are ", Join(names, ", ")));
}

TextData ReadGlue(const GlueTask& task, const std::filesystem::path& path, LabelUse labels) {
  const TextFile file = ReadTextFile(path);
  TextOptions options;
  options.labels = labels;
  options.regression = task.regression();
  options.label_names = task.label_names;
  TextBuilder builder(file.name, file.hash, task.pair(), options);
  DelimitedReader reader(file, '\t', false);
  std::vector<std::string> first;
  if (!reader.Next(&first)) throw DataError(file.name, "it is empty");
  const bool has_header = task.name != "cola" || first == std::vector<std::string>{"index", "sentence"};
  if (has_header) {
    AddRows(file, TableOf(task, file, first, labels), &reader, &builder);
  } else {
    DelimitedReader again(file, '\t', false);
    AddRows(file, ColaTable(file, first.size()), &again, &builder);
  }
  return builder.Finish();
}

}  // namespace bv
