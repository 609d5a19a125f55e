#include "logits/text_logits_file.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/strings.h"
#include "data/code_points.h"
#include "logits/logits_parts.h"
#include "metrics/task_scores.h"

namespace bv {
namespace {

constexpr const char* kVersion = "1";

// Ids end to end.
struct IdBytes {
  std::vector<uint8_t> bytes;
  std::vector<int64_t> offsets = {0};
};

IdBytes PackIds(const TaskExamples& examples) {
  IdBytes ids;
  for (int64_t i = 0; i < examples.size(); ++i) {
    const std::string& id = examples.Id(i);
    ids.bytes.insert(ids.bytes.end(), id.begin(), id.end());
    ids.offsets.push_back(static_cast<int64_t>(ids.bytes.size()));
  }
  return ids;
}

std::vector<std::string> UnpackIds(const IdBytes& ids, const std::string& file) {
  std::vector<std::string> result;
  for (size_t i = 0; i + 1 < ids.offsets.size(); ++i) {
    const int64_t begin = ids.offsets[i], end = ids.offsets[i + 1];
    if (begin < 0 || end < begin || end > static_cast<int64_t>(ids.bytes.size()))
      throw DataError(file, "id_offsets do not rise within the ids; the file is damaged");
    result.emplace_back(ids.bytes.begin() + begin, ids.bytes.begin() + end);
  }
  return result;
}

std::vector<double> Golds(const TaskExamples& examples) {
  std::vector<double> golds;
  if (!examples.labelled()) return golds;
  for (int64_t i = 0; i < examples.size(); ++i) golds.push_back(GoldValue(examples, i));
  return golds;
}

void RequireGold(const Task& task, double gold, const std::string& file) {
  const bool known =
      task.kind == TaskKind::kRegression
          ? std::isfinite(gold)
          : gold >= 0 && gold < static_cast<double>(task.outputs()) && gold == std::trunc(gold);
  if (!known) throw DataError(file, Cat("'gold' holds ", gold, ", which is no label of its task"));
}

// Without texts: what ids, scores and files of predictions need.
TaskExamples MakeExamples(const Task& task, std::vector<std::string> ids, const std::vector<double>& golds) {
  TaskExamples examples;
  examples.task = task;
  examples.texts.pair = task.pair;
  examples.texts.regression = task.kind == TaskKind::kRegression;
  examples.texts.labelled = examples.questions.has_answers = !golds.empty();
  examples.texts.label_names = task.labels;
  for (size_t i = 0; i < ids.size(); ++i) {
    const double gold = golds.empty() ? std::nan("") : golds[i];
    if (task.of_questions()) {
      QaExample& question = examples.questions.examples.emplace_back();
      question.id = std::move(ids[i]);
      question.impossible = gold == 1;
    } else {
      TextExample& text = examples.texts.examples.emplace_back();
      text.id = std::move(ids[i]);
      if (examples.texts.regression) text.value = gold;
      if (!examples.texts.regression && !golds.empty()) text.label = static_cast<int32_t>(gold);
    }
  }
  return examples;
}

void RequireSizes(const StoredTextLogits& stored) {
  const auto examples = static_cast<size_t>(stored.examples.size());
  const auto windows = static_cast<size_t>(stored.logits.windows());
  if (stored.lengths.size() == examples && stored.groups.size() == examples &&
      stored.logits.logits.size() == windows * static_cast<size_t>(stored.logits.outputs) &&
      stored.logits.outputs == stored.examples.task.outputs())
    return;
  throw Error(ErrorKind::kInternal, "text logits whose parts have different sizes");
}

// Every example has a window, and windows stand in the order of the examples.
void CheckWindows(const TextLogits& logits, int64_t examples, const std::string& file) {
  int32_t last = -1;
  for (const int32_t example : logits.example) {
    if (example < last || example > last + 1 || example >= examples)
      throw DataError(file, "'example' does not count the examples up; the file is damaged");
    last = example;
  }
  if (last + 1 != examples) throw DataError(file, "its last examples have no window; the file is damaged");
}

}  // namespace

LogitsKind KindOfLogits(const fs::path& run) {
  const LogitsReader reader(run / kLogitsFile);
  if (reader.Text("format") == kTextLogitsFormat) return LogitsKind::kTexts;
  if (reader.Text("format") == kSpanLogitsFormat) return LogitsKind::kSpans;
  throw DataError(reader.path(), Cat("'format' is ", Quoted(reader.Text("format")),
                                     ", allowed: ", kSpanLogitsFormat, ", ", kTextLogitsFormat));
}

std::vector<int64_t> ExampleLengths(const TaskExamples& examples) {
  const auto length = [](const std::string& a, const std::string& b) {
    return CodePointIndex(a).size() + CodePointIndex(b).size();
  };
  std::vector<int64_t> lengths;
  for (const TextExample& text : examples.texts.examples) lengths.push_back(length(text.text_a, text.text_b));
  for (const QaExample& question : examples.questions.examples)
    lengths.push_back(length(question.question, examples.questions.Context(question)));
  return lengths;
}

std::vector<int32_t> ExampleGroups(const TaskExamples& examples) {
  std::vector<int32_t> groups;
  for (const QaExample& question : examples.questions.examples) groups.push_back(question.context);
  if (!examples.task.of_questions()) {
    groups.resize(examples.texts.examples.size());
    std::iota(groups.begin(), groups.end(), 0);
  }
  return groups;
}

void WriteTextLogits(const fs::path& folder, const TaskExamples& examples, const TextLogits& logits,
                     const LogitsWindows& windows) {
  WriteTextLogits(folder, {examples, ExampleLengths(examples), ExampleGroups(examples), logits, windows});
}

void WriteTextLogits(const fs::path& folder, const StoredTextLogits& stored) {
  RequireSizes(stored);
  const IdBytes ids = PackIds(stored.examples);
  const std::vector<double> golds = Golds(stored.examples);
  const int64_t n = stored.examples.size(), b = stored.logits.windows();
  std::vector<NamedTensor> tensors = {
      {"logits", View(stored.logits.logits, at::kFloat, {b, stored.logits.outputs})},
      {"example", View(stored.logits.example, at::kInt, {b})},
      {"length", View(stored.lengths, at::kLong, {n})},
      {"group", View(stored.groups, at::kInt, {n})},
      {"id_offsets", View(ids.offsets, at::kLong, {n + 1})},
      {"ids", View(ids.bytes, at::kByte, {static_cast<int64_t>(ids.bytes.size())})}};
  if (!golds.empty()) tensors.push_back({"gold", View(golds, at::kDouble, {n})});
  std::map<std::string, std::string> metadata = {{"format", kTextLogitsFormat},
                                                 {"version", kVersion},
                                                 {"checksum", ChecksumOf(tensors)},
                                                 {"task", TaskToJson(stored.examples.task).dump()},
                                                 {"data", LastingPath(stored.examples.file())},
                                                 {"data_xxh3", Hex(stored.examples.hash())},
                                                 {"tokenizer_fingerprint", stored.windows.tokenizer}};
  AddCut(stored.windows.cut, &metadata);
  WriteTensorFile(folder / kLogitsFile, tensors, metadata);
}

StoredTextLogits ReadTextLogits(const fs::path& folder) {
  const LogitsReader reader(folder / kLogitsFile);
  const std::string& file = reader.path();
  reader.RequireFormat(kTextLogitsFormat, kVersion);
  const Task task = TaskFromJson(ParseJson(reader.Text("task"), file + ", metadata 'task'"), file);
  if (task.of_spans()) throw DataError(file, "its task is of spans");
  const at::Tensor example = reader.Tensor("example", Dtype::kI32, {-1});
  const at::Tensor length = reader.Tensor("length", Dtype::kI64, {-1});
  const int64_t b = example.numel(), n = length.numel();
  std::vector<NamedTensor> tensors = {{"logits", reader.Tensor("logits", Dtype::kF32, {b, task.outputs()})},
                                      {"example", example},
                                      {"length", length},
                                      {"group", reader.Tensor("group", Dtype::kI32, {n})},
                                      {"id_offsets", reader.Tensor("id_offsets", Dtype::kI64, {n + 1})},
                                      {"ids", reader.Tensor("ids", Dtype::kU8, {-1})}};
  if (reader.Has("gold")) tensors.push_back({"gold", reader.Tensor("gold", Dtype::kF64, {n})});
  reader.RequireChecksum(tensors);
  const std::vector<double> golds =
      reader.Has("gold") ? Values<double>(tensors.back().tensor) : std::vector<double>();
  for (const double gold : golds) RequireGold(task, gold, file);
  StoredTextLogits stored;
  stored.examples = MakeExamples(
      task, UnpackIds({Values<uint8_t>(tensors[5].tensor), Values<int64_t>(tensors[4].tensor)}, file), golds);
  const auto hash = ParseHex(reader.Text("data_xxh3"));
  if (!hash) throw DataError(file, "the metadata's 'data_xxh3' is no checksum");
  stored.examples.questions.file = stored.examples.texts.file = reader.Text("data");
  stored.examples.questions.hash = stored.examples.texts.hash = *hash;
  stored.lengths = Values<int64_t>(length);
  stored.groups = Values<int32_t>(tensors[3].tensor);
  stored.logits = {task.outputs(), Values<float>(tensors[0].tensor), Values<int32_t>(example)};
  CheckWindows(stored.logits, n, file);
  stored.windows = {reader.Cut(), reader.Text("tokenizer_fingerprint")};
  return stored;
}

void RequireSameRows(const StoredTextLogits& a, const std::string& a_name, const StoredTextLogits& b,
                     const std::string& b_name) {
  const auto refuse = [&](const char* what, const std::string& left, const std::string& right) {
    throw Error(ErrorKind::kData,
                Cat("the ", what, " is ", left, " in ", a_name, ", but ", right, " in ", b_name,
                    "; only runs of one task on the same rows can be put side by "
                    "side"));
  };
  const TaskExamples &left = a.examples, &right = b.examples;
  if (!left.task.Fits(right.task) || left.task.name != right.task.name)
    refuse("task", TaskToJson(left.task).dump(), TaskToJson(right.task).dump());
  if (left.hash() != right.hash()) refuse("hash of the data", Hex(left.hash()), Hex(right.hash()));
  if (left.size() != right.size())
    refuse("number of rows", std::to_string(left.size()), std::to_string(right.size()));
  for (int64_t i = 0; i < left.size(); ++i) {
    if (left.Id(i) != right.Id(i)) refuse("id of a row", Quoted(left.Id(i)), Quoted(right.Id(i)));
  }
  if (Golds(left) != Golds(right)) refuse("labelling", "one", "another");
  if (a.logits.example != b.logits.example) {
    refuse("number of windows", std::to_string(a.logits.windows()),
           Cat(b.logits.windows(), ", or windows are cut elsewhere,"));
  }
}

}  // namespace bv
