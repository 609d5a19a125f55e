#include "report/text_data.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/strings.h"

namespace bv {
namespace {

bool Says(const TaskOptions& reading) {
  const TextColumns usual;
  const TextColumns& named = reading.columns;
  return named.text != usual.text || named.text_b != usual.text_b || named.label != usual.label ||
         reading.skip_bad_answers || reading.skip_bad_rows;
}

// Columns that a run named; of another run on the same data where this one does not say.
TaskOptions ReadingOf(const std::vector<ReportSystem>& systems, const ReportSystem& system) {
  TaskOptions reading = system.reading;
  for (const ReportSystem& other : systems) {
    if (!Says(reading) && other.dev_hash == system.dev_hash) reading = other.reading;
  }
  reading.name = system.task->name;
  if (reading.name == "answer-type") reading.with_context = system.task->pair;
  reading.label_names = system.task->labels;
  reading.labels = LabelUse::kRequired;
  return reading;
}

void Restrict(const IdSet& ids, TaskExamples* examples) {
  std::erase_if(examples->texts.examples, [&](const TextExample& text) { return !ids.contains(text.id); });
  std::erase_if(examples->questions.examples,
                [&](const QaExample& question) { return !ids.contains(question.id); });
}

double ValueOf(const Task& task, const Json& prediction, const std::string& file) {
  if (task.kind == TaskKind::kRegression && prediction.is_number()) return prediction.get<double>();
  if (task.kind != TaskKind::kRegression && prediction.is_string()) {
    const auto label = std::find(task.labels.begin(), task.labels.end(), prediction.get<std::string>());
    if (label != task.labels.end()) return static_cast<double>(label - task.labels.begin());
  }
  throw DataError(file, Cat(prediction.dump(), " is no ",
                            task.kind == TaskKind::kRegression ? "number" : "label of the task"));
}

TextAnswers AnswersOf(const ReportSystem& system, const Json& predictions, const TaskExamples& examples) {
  const Task& task = examples.task;
  const fs::path shares_file = system.folder / "probabilities.json";
  const bool kept = !task.labels.empty() && fs::exists(shares_file);
  const Json shares = kept ? ReadById(shares_file) : Json::object();
  TextAnswers answers;
  for (int64_t row = 0; row < examples.size(); ++row) {
    const std::string& id = examples.Id(row);
    answers.values.push_back(
        ValueOf(task, predictions.at(id), (system.folder / "predictions.json").string()));
    if (!kept) continue;
    const Json& one = RequireObject(shares, id, shares_file.string());
    const std::string& label = task.labels[static_cast<size_t>(answers.values.back())];
    answers.probabilities.push_back(RequireNumber(one, label, shares_file.string(), id));
  }
  return answers;
}

bool SameRows(const TaskExamples& examples, const std::string& hash, const IdSet& ids) {
  if (Hex(examples.hash()) != hash || examples.size() != static_cast<int64_t>(ids.size())) return false;
  for (int64_t row = 0; row < examples.size(); ++row) {
    if (!ids.contains(examples.Id(row))) return false;
  }
  return true;
}

// The rows that the system predicted. Errors: those of ReadTaskExamples.
AnsweredTexts* GroupOf(const std::vector<ReportSystem>& systems, const ReportSystem& system,
                       const fs::path& path, const IdSet& ids, std::vector<AnsweredTexts>* groups) {
  for (AnsweredTexts& group : *groups) {
    if (SameRows(group.examples, system.dev_hash, ids)) return &group;
  }
  TaskExamples examples = ReadTaskExamples(path, ReadingOf(systems, system));
  Restrict(ids, &examples);
  if (examples.size() != static_cast<int64_t>(ids.size()))
    throw DataError(path.string(), "its ids are not those that were predicted");
  groups->push_back({std::move(examples), {}, {}});
  return &groups->back();
}

// Into the group of those that predicted the same rows. Says why not, where it cannot be.
std::string AddSystem(const std::vector<ReportSystem>& systems, size_t number, const DataFiles& files,
                      std::vector<AnsweredTexts>* groups) {
  const ReportSystem& system = systems[number];
  if (std::string why = files.WhyNot(system); !why.empty()) return why;
  const Json predictions = ReadById(system.folder / "predictions.json");
  if (predictions.empty()) return "its predictions.json is empty";
  AnsweredTexts* group = nullptr;
  try {
    group = GroupOf(systems, system, files.PathOf(system.dev_hash).value(), IdsOf(predictions), groups);
  } catch (const Error& error) {  // the run does not say how the file's columns are named
    return Cat("the dev data cannot be read as the run did: ", error.what());
  }
  group->answers.push_back(AnswersOf(system, predictions, group->examples));
  group->systems.push_back(number);
  return "";
}

}  // namespace

TextDevData FindTextData(const std::vector<ReportSystem>& systems, const fs::path& given) {
  const DataFiles files(systems, given);
  TextDevData result;
  for (size_t i = 0; i < systems.size(); ++i)
    result.why_not.push_back(AddSystem(systems, i, files, &result.groups));
  return result;
}

std::pair<std::string, std::string> TextsOf(const TaskExamples& examples, int64_t row) {
  const auto i = static_cast<size_t>(row);
  if (examples.task.of_questions()) {
    const QaExample& question = examples.questions.examples[i];
    return {question.question, examples.questions.Context(question)};
  }
  const TextExample& text = examples.texts.examples[i];
  return {text.text_a, text.text_b};
}

}  // namespace bv
