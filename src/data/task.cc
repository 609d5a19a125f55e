#include "data/task.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/strings.h"
#include "data/glue_tasks.h"

namespace bv {
namespace {

constexpr std::array<std::pair<TaskKind, const char*>, 4> kKinds = {
    {{TaskKind::kSpan, "span"},
     {TaskKind::kAnswerability, "answerability"},
     {TaskKind::kClassification, "classification"},
     {TaskKind::kRegression, "regression"}}};

const std::vector<std::string> kAnswerabilityLabels = {"answerable", "unanswerable"};

QaData ReadQuestionsOf(const std::filesystem::path& path, const TaskOptions& options) {
  if (options.labels == LabelUse::kIgnored) return ReadQuestions(path);
  QaData data = ReadSquad(path, {.skip_bad_answers = options.skip_bad_answers});
  if (options.labels == LabelUse::kRequired) RequireAnswers(data);
  return data;
}

TextData ReadTexts(const std::filesystem::path& path, const std::string& name, const TaskOptions& options) {
  TextOptions text;
  text.columns = options.columns;
  text.labels = options.labels;
  text.label_names = options.label_names;
  text.skip_bad_rows = options.skip_bad_rows;
  if (name == "answer-type")
    return AnswerTypeData(ReadSquad(path, {.skip_bad_answers = options.skip_bad_answers}),
                          options.with_context, text);
  text.regression = name == "regression";
  if (text.regression || name == "classification") return ReadTextData(path, text);
  const GlueTask& task = FindGlueTask(name);
  return ReadGlue(task, path, options.labels);
}

// Names decide metrics and stand in names of files, so those that a file has must be ours.
void CheckName(const Task& task, const std::string& file) {
  const std::vector<std::string> known = TaskNames();
  const GlueTask* glue = GlueTaskOrNull(task.name);
  const bool ours = task.name != "auto" && std::find(known.begin(), known.end(), task.name) != known.end();
  const bool fits = (task.name == "squad") == task.of_spans() &&
                    (task.name == "answerability") == (task.kind == TaskKind::kAnswerability) &&
                    (glue == nullptr || glue->regression() == (task.kind == TaskKind::kRegression));
  if (ours && fits) return;
  throw DataError(file, Cat("task.name is ", Quoted(task.name), ", which does not go with the kind ",
                            TaskKindName(task.kind), " or is unknown"));
}

}  // namespace

int64_t Task::outputs() const {
  if (kind == TaskKind::kSpan) return 2;
  return kind == TaskKind::kRegression ? 1 : static_cast<int64_t>(labels.size());
}

const char* TaskKindName(TaskKind kind) {
  return kKinds[static_cast<size_t>(kind)].second;
}

OrderedJson TaskToJson(const Task& task) {
  OrderedJson json = {{"kind", TaskKindName(task.kind)}, {"name", task.name}, {"labels", task.labels}};
  if (task.pair) json["pair"] = true;
  return json;
}

Task TaskFromJson(const Json& json, const std::string& file) {
  const std::string where = "task";
  const std::string& kind = RequireString(json, "kind", file, where);
  const auto known =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& entry) { return kind == entry.second; });
  if (known == kKinds.end()) {
    throw Error(ErrorKind::kUnsupported,
                Cat(file, ": task.kind is ", Quoted(kind), "; this program knows span, answerability, ",
                    "classification and regression"));
  }
  Task task{known->first, RequireString(json, "name", file, where), {}};
  if (json.contains("pair")) task.pair = RequireBool(json, "pair", file, where);
  CheckName(task, file);
  for (const Json& label : RequireArray(json, "labels", file, where)) {
    if (!label.is_string()) throw DataError(file, "task.labels: a list of texts is needed");
    task.labels.push_back(label.get<std::string>());
  }
  const bool classes = task.kind == TaskKind::kAnswerability || task.kind == TaskKind::kClassification;
  if (classes != (task.labels.size() >= 2) || (!classes && !task.labels.empty())) {
    throw DataError(file, Cat("task.labels has ", task.labels.size(), " entries, which does not go with a ",
                              kind, " task"));
  }
  std::vector<std::string> sorted = task.labels;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) throw DataError(file, Cat("task.labels has ", Quoted(*twice), " twice"));
  return task;
}

int64_t TaskExamples::size() const {
  return static_cast<int64_t>(task.of_questions() ? questions.examples.size() : texts.examples.size());
}

const std::string& TaskExamples::Id(int64_t example) const {
  const auto i = static_cast<size_t>(example);
  return task.of_questions() ? questions.examples[i].id : texts.examples[i].id;
}

std::string TaskNameFor(const std::filesystem::path& path, const std::string& name) {
  if (name != "auto") return name;
  return path.extension() == ".json" ? "squad" : "classification";
}

bool IsQuestionTask(const std::string& name) {
  return name == "squad" || name == "answerability";
}

std::vector<std::string> TaskNames() {
  std::vector<std::string> names = {"auto",        "squad",          "answerability",
                                    "answer-type", "classification", "regression"};
  for (const GlueTask& task : GlueTasks()) names.push_back(task.name);
  return names;
}

TaskExamples ReadTaskExamples(const std::filesystem::path& path, const TaskOptions& options) {
  const std::string name = TaskNameFor(path, options.name);
  TaskExamples read;
  read.task.name = name;
  if (IsQuestionTask(name)) {
    read.questions = ReadQuestionsOf(path, options);
    if (name == "answerability") {
      read.task.kind = TaskKind::kAnswerability;
      read.task.labels = kAnswerabilityLabels;
    }
    return read;
  }
  read.texts = ReadTexts(path, name, options);
  read.task.kind = read.texts.regression ? TaskKind::kRegression : TaskKind::kClassification;
  read.task.labels = read.texts.label_names;
  read.task.pair = read.texts.pair;
  return read;
}

void LimitExamples(TaskExamples* examples, int64_t limit) {
  if (limit <= 0 || limit >= examples->size()) return;
  const auto kept = static_cast<size_t>(limit);
  if (!examples->task.of_questions()) {
    examples->texts.examples.resize(kept);
    return;
  }
  QaData& questions = examples->questions;
  questions.examples.resize(kept);
  int32_t last = 0;
  for (const QaExample& example : questions.examples) last = std::max(last, example.context);
  questions.contexts.resize(static_cast<size_t>(last) + 1);
  SummariseAnswers(&questions);
}

TaskExamples PickExamples(const TaskExamples& examples, const std::vector<int64_t>& numbers) {
  TaskExamples picked = examples;
  picked.questions.examples.clear();
  picked.texts.examples.clear();
  for (const int64_t number : numbers) {
    const auto i = static_cast<size_t>(number);
    if (examples.task.of_questions()) {
      picked.questions.examples.push_back(examples.questions.examples[i]);
    } else {
      picked.texts.examples.push_back(examples.texts.examples[i]);
    }
  }
  if (examples.task.of_questions()) SummariseAnswers(&picked.questions);
  return picked;
}

}  // namespace bv
