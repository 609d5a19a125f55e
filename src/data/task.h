// What a data file is for: its task (kind, name, labels) and its examples, which are questions or texts. One
// list of task names for all verbs. What is not here: tokenization and windows (layer features). Plain data;
// safe to read from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/squad.h"
#include "data/text_data.h"

namespace bv {

enum class TaskKind {
  kSpan,            // the answer's place in a context: SQuAD
  kAnswerability,   // whether a context holds an answer (spec section D); class 1 = it does not
  kClassification,  // one of several labels for a text or a pair of texts
  kRegression,      // a number for a text or a pair of texts
};

struct Task {
  TaskKind kind = TaskKind::kSpan;
  std::string name = "squad";
  std::vector<std::string> labels;  // the classes, by index; none for spans and regression
  bool pair = false;                // of texts: examples have two

  // The same kind, classes and number of texts, whatever the name: a system made for one serves the other.
  bool Fits(const Task& other) const {
    return kind == other.kind && labels == other.labels && pair == other.pair;
  }
  // Logits of a piece (spans) or of a window (all others).
  int64_t outputs() const;
  bool of_spans() const { return kind == TaskKind::kSpan; }
  bool of_questions() const { return kind == TaskKind::kSpan || kind == TaskKind::kAnswerability; }
  bool operator==(const Task&) const = default;
};

// "span", "answerability", "classification", "regression".
const char* TaskKindName(TaskKind kind);

// {"kind", "name", "labels", "pair"} and back. Errors (kData): wrong types, unknown kinds, labels that do not
// go with the kind.
OrderedJson TaskToJson(const Task& task);
Task TaskFromJson(const Json& json, const std::string& file);

// The examples of one file. Only one of `questions` and `texts` is filled, as task.of_questions() says.
struct TaskExamples {
  Task task;
  QaData questions;
  TextData texts;

  const std::string& file() const { return task.of_questions() ? questions.file : texts.file; }
  uint64_t hash() const { return task.of_questions() ? questions.hash : texts.hash; }
  int64_t size() const;
  // Whether every example has what a system can be scored by.
  bool labelled() const { return task.of_questions() ? questions.has_answers : texts.labelled; }
  const std::string& Id(int64_t example) const;
};

// How a file is read, where its task leaves a choice.
struct TaskOptions {
  // One of TaskNames(), or "auto": "squad" for a file named *.json, else "classification".
  std::string name = "auto";
  TextColumns columns;        // of the user's own files: classification and regression
  bool with_context = false;  // answer-type: the context is the second text
  LabelUse labels = LabelUse::kRequired;
  std::vector<std::string> label_names;  // those of the training data; empty: found in the file
  bool skip_bad_answers = false;         // as SquadOptions
  bool skip_bad_rows = false;            // as TextOptions
};

// "auto", "squad", "answerability", "answer-type", "classification", "regression" and GLUE's tasks.
std::vector<std::string> TaskNames();

// The task's name, where "auto" leaves it to the file's.
std::string TaskNameFor(const std::filesystem::path& path, const std::string& name);
// Whether its examples are questions about contexts, in SQuAD's format, rather than texts.
bool IsQuestionTask(const std::string& name);

// Errors: kUsage for an unknown task; those of ReadSquad, RequireAnswers, ReadTextData and ReadGlue.
TaskExamples ReadTaskExamples(const std::filesystem::path& path, const TaskOptions& options);

// The first `limit` examples and what belongs to them; 0 or more than there are: all.
void LimitExamples(TaskExamples* examples, int64_t limit);
// The examples of these numbers, in this order, with all contexts.
TaskExamples PickExamples(const TaskExamples& examples, const std::vector<int64_t>& numbers);

}  // namespace bv
