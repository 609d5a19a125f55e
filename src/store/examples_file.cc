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

// Reads the lines of one file in order.
class Parser {
 public:
  explicit Parser(std::string file) : file_(std::move(file)) {}

  void Line(const Json& json, size_t number) {
    where_ = Cat("line ", number);
    if (number == 1) {
      Head(json);
    } else if (json.is_object() && json.contains("example")) {
      Example(json);
    } else {
      Context(json);
    }
  }

  QaData Finish() {
    if (data_.examples.size() != examples_) {
      throw DataError(file_, Cat(data_.examples.size(), " examples, the first line says ", examples_));
    }
    if (static_cast<int64_t>(contexts_.size()) != contexts_count_) {
      throw DataError(file_, Cat(contexts_.size(), " contexts, the first line says ", contexts_count_));
    }
    for (auto& [number, text] : contexts_) data_.contexts.push_back(std::move(text));
    return std::move(data_);
  }

 private:
  void Head(const Json& json) {
    data_.file = RequireString(json, "data", file_, where_);
    const std::string& hash = RequireString(json, "data_xxh3", file_, where_);
    const auto parsed = ParseHex(hash);
    if (!parsed) throw DataError(file_, "'data_xxh3' of the first line is not 16 hexadecimal digits");
    data_.hash = *parsed;
    data_.has_impossible = RequireBool(json, "has_impossible", file_, where_);
    data_.has_answers = RequireBool(json, "has_answers", file_, where_);
    contexts_count_ = RequireInteger(json, "contexts", 0, INT32_MAX, file_, where_);
    examples_ = static_cast<size_t>(RequireInteger(json, "examples", 0, INT32_MAX, file_, where_));
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
  QaData data_;
  int64_t contexts_count_ = 0;
  size_t examples_ = 0;
  // A map, so that a lying number costs no memory.
  std::map<int64_t, std::string> contexts_;
};

}  // namespace

std::string FormatExamples(const QaData& data) {
  std::string text = JsonLine({{"data", data.file},
                               {"data_xxh3", Hex(data.hash)},
                               {"has_impossible", data.has_impossible},
                               {"has_answers", data.has_answers},
                               {"contexts", data.contexts.size()},
                               {"examples", data.examples.size()}});
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

QaData ReadExamples(const fs::path& path) {
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
