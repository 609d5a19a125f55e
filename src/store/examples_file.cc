#include "store/examples_file.h"

#include <map>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/strings.h"

namespace bv {
namespace {

OrderedJson ExampleToJson(const QaExample& example, size_t number) {
  OrderedJson json = {{"example", number},
                      {"id", example.id},
                      {"title", example.title},
                      {"question", example.question},
                      {"context", example.context}};
  OrderedJson answers = OrderedJson::array();
  for (const Answer& answer : example.answers)
    answers.push_back({{"text", answer.text}, {"begin", answer.begin}});
  json["answers"] = std::move(answers);
  json["impossible"] = example.impossible;
  if (!example.answer_type.empty()) json["answer_type"] = example.answer_type;
  return json;
}

OrderedJson TextToJson(const TextData& data, const TextExample& example, size_t number) {
  OrderedJson json = {{"example", number}, {"id", example.id}, {"text_a", example.text_a}};
  if (data.pair) json["text_b"] = example.text_b;
  if (!data.labelled) return json;
  if (data.regression) {
    json["value"] = example.value;
  } else {
    json["label"] = example.label;
  }
  return json;
}

// Reads the lines of one file in order.
class Parser {
 public:
  explicit Parser(std::string file) : file_(std::move(file)) {}

  void Line(const Json& json, size_t number) {
    where_ = Cat("line ", number);
    if (number == 1) {
      Head(json);
    } else if (!read_.task.of_questions()) {
      Text(json);
    } else if (json.is_object() && json.contains("example")) {
      Example(json);
    } else {
      Context(json);
    }
  }

  TaskExamples Finish() {
    if (static_cast<size_t>(read_.size()) != examples_) {
      throw DataError(file_, Cat(read_.size(), " examples, the first line says ", examples_));
    }
    if (static_cast<int64_t>(contexts_.size()) != contexts_count_) {
      throw DataError(file_, Cat(contexts_.size(), " contexts, the first line says ", contexts_count_));
    }
    for (auto& [number, text] : contexts_) data_.contexts.push_back(std::move(text));
    return std::move(read_);
  }

 private:
  void Head(const Json& json) {
    if (json.contains("task")) read_.task = TaskFromJson(RequireObject(json, "task", file_, where_), file_);
    const std::string& name = RequireString(json, "data", file_, where_);
    const std::string& hash = RequireString(json, "data_xxh3", file_, where_);
    const auto parsed = ParseHex(hash);
    if (!parsed) throw DataError(file_, "'data_xxh3' of the first line is not 16 hexadecimal digits");
    examples_ = static_cast<size_t>(RequireInteger(json, "examples", 0, INT32_MAX, file_, where_));
    if (!read_.task.of_questions()) return TextHead(json, name, *parsed);
    data_.file = name;
    data_.hash = *parsed;
    data_.has_impossible = RequireBool(json, "has_impossible", file_, where_);
    data_.has_answers = RequireBool(json, "has_answers", file_, where_);
    contexts_count_ = RequireInteger(json, "contexts", 0, INT32_MAX, file_, where_);
  }

  void TextHead(const Json& json, const std::string& name, uint64_t hash) {
    TextData& texts = read_.texts;
    texts.file = name;
    texts.hash = hash;
    texts.pair = RequireBool(json, "pair", file_, where_);
    texts.labelled = RequireBool(json, "labelled", file_, where_);
    texts.regression = read_.task.kind == TaskKind::kRegression;
    texts.label_names = read_.task.labels;
  }

  void Text(const Json& json) {
    TextData& texts = read_.texts;
    const auto next = static_cast<int64_t>(texts.examples.size());
    RequireInteger(json, "example", next, next, file_, where_);
    TextExample example;
    example.id = RequireString(json, "id", file_, where_);
    example.text_a = RequireString(json, "text_a", file_, where_);
    if (texts.pair) example.text_b = RequireString(json, "text_b", file_, where_);
    if (texts.labelled && texts.regression) example.value = RequireNumber(json, "value", file_, where_);
    if (texts.labelled && !texts.regression) {
      example.label =
          static_cast<int32_t>(RequireInteger(json, "label", 0, read_.task.outputs() - 1, file_, where_));
    }
    texts.examples.push_back(std::move(example));
  }

  void Context(const Json& json) {
    const int64_t number = RequireInteger(json, "context", 0, contexts_count_ - 1, file_, where_);
    const std::string& text = RequireString(json, "text", file_, where_);
    if (!contexts_.emplace(number, text).second) {
      throw DataError(file_, Cat(where_, ": context ", number, " stands twice"));
    }
  }

  void Example(const Json& json) {
    const auto next = static_cast<int64_t>(data_.examples.size());
    RequireInteger(json, "example", next, next, file_, where_);
    QaExample example;
    example.id = RequireString(json, "id", file_, where_);
    example.title = RequireString(json, "title", file_, where_);
    example.question = RequireString(json, "question", file_, where_);
    example.context =
        static_cast<int32_t>(RequireInteger(json, "context", 0, contexts_count_ - 1, file_, where_));
    const auto found = contexts_.find(example.context);
    if (found == contexts_.end()) throw DataError(file_, Cat(where_, ": its context has not come before it"));
    const std::string& context = found->second;
    for (const Json& entry : RequireArray(json, "answers", file_, where_)) {
      Answer answer;
      answer.text = RequireString(entry, "text", file_, where_);
      answer.begin = RequireInteger(entry, "begin", 0, static_cast<int64_t>(context.size()), file_, where_);
      if (context.compare(static_cast<size_t>(answer.begin), answer.text.size(), answer.text) != 0) {
        throw DataError(
            file_, Cat(where_, ": answer ", Quoted(answer.text), " does not stand at byte ", answer.begin));
      }
      example.answers.push_back(std::move(answer));
    }
    example.impossible = RequireBool(json, "impossible", file_, where_);
    if (json.contains("answer_type")) example.answer_type = RequireString(json, "answer_type", file_, where_);
    data_.examples.push_back(std::move(example));
  }

  std::string file_;
  std::string where_;
  TaskExamples read_;
  QaData& data_ = read_.questions;
  int64_t contexts_count_ = 0;
  size_t examples_ = 0;
  // A map, so that a lying number costs no memory.
  std::map<int64_t, std::string> contexts_;
};

std::string FormatTexts(const TaskExamples& examples) {
  const TextData& data = examples.texts;
  std::string text = JsonLine({{"data", data.file},
                               {"data_xxh3", Hex(data.hash)},
                               {"task", TaskToJson(examples.task)},
                               {"pair", data.pair},
                               {"labelled", data.labelled},
                               {"examples", data.examples.size()}});
  for (size_t i = 0; i < data.examples.size(); ++i) text += JsonLine(TextToJson(data, data.examples[i], i));
  return text;
}

std::string FormatQuestions(const TaskExamples& examples) {
  const QaData& data = examples.questions;
  OrderedJson head = {{"data", data.file},
                      {"data_xxh3", Hex(data.hash)},
                      {"has_impossible", data.has_impossible},
                      {"has_answers", data.has_answers},
                      {"contexts", data.contexts.size()},
                      {"examples", data.examples.size()}};
  if (!examples.task.of_spans()) head["task"] = TaskToJson(examples.task);
  std::string text = JsonLine(head);
  std::vector<bool> written(data.contexts.size());
  const auto write_context = [&](size_t number) {
    if (!written[number]) text += JsonLine({{"context", number}, {"text", data.contexts[number]}});
    written[number] = true;
  };
  for (size_t i = 0; i < data.examples.size(); ++i) {
    write_context(static_cast<size_t>(data.examples[i].context));
    text += JsonLine(ExampleToJson(data.examples[i], i));
  }
  for (size_t i = 0; i < data.contexts.size(); ++i) write_context(i);
  return text;
}

}  // namespace

std::string FormatExamples(const TaskExamples& examples) {
  return examples.task.of_questions() ? FormatQuestions(examples) : FormatTexts(examples);
}

TaskExamples ReadExamples(const fs::path& path) {
  const std::string text = ReadFile(path);
  Parser parser(path.string());
  size_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t newline = text.find('\n', begin);
    if (newline == std::string::npos) throw DataError(path.string(), "the last line is cut off");
    ++number;
    const std::string_view line = std::string_view(text).substr(begin, newline - begin);
    parser.Line(ParseJson(line, Cat(path.string(), ", line ", number)), number);
    begin = newline + 1;
  }
  if (number == 0) throw DataError(path.string(), "the file is empty");
  return parser.Finish();
}

}  // namespace bv
