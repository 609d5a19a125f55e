#include <iostream>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/strings.h"
#include "data/code_points.h"
#include "data/squad.h"

namespace bv {
namespace {

class LineReader {
 public:
  explicit LineReader(QaData* data) : data_(data) {}

  // place: "file:line", for errors.
  void Read(std::string_view line, int64_t number, const std::string& place) {
    if (const std::optional<size_t> bad = FirstInvalidUtf8(line)) {
      throw DataError(place, Cat("byte ", *bad, " of the line is not valid UTF-8"));
    }
    const Json object = ParseJson(line, place);
    QaExample example;
    example.question = RequireString(object, "question", place);
    example.id = object.contains("id") ? RequireString(object, "id", place) : std::to_string(number);
    if (example.id.empty()) throw DataError(place, "'id' is empty");
    if (!ids_.insert(example.id).second) {
      throw DataError(place, Cat("id ", Quoted(example.id), " belongs to an earlier line"));
    }
    const std::string& context = RequireString(object, "context", place);
    if (TrimSpaces(context).empty()) throw DataError(place, "'context' is empty");
    example.context = ContextIndex(context);
    data_->examples.push_back(std::move(example));
  }

 private:
  int32_t ContextIndex(const std::string& context) {
    const auto next = static_cast<int32_t>(data_->contexts.size());
    const auto [known, is_new] = known_.try_emplace(HashText(context), next);
    if (!is_new && data_->contexts[static_cast<size_t>(known->second)] == context) return known->second;
    data_->contexts.push_back(context);
    return next;
  }

  QaData* data_;
  std::unordered_set<std::string> ids_;
  std::unordered_map<uint64_t, int32_t> known_;  // hash of a context to its index
};

}  // namespace

QaData ReadQaJsonl(const std::filesystem::path& path) {
  const bool from_stdin = path == "-";
  const std::string text =
      from_stdin ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : ReadFile(path);
  QaData data;
  data.file = from_stdin ? "standard input" : path.string();
  data.hash = HashText(text);
  LineReader reader(&data);
  int64_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    ++number;
    if (!TrimSpaces(line).empty()) reader.Read(line, number, Cat(data.file, ":", number));
    begin = end + 1;
  }
  if (data.examples.empty()) throw DataError(data.file, "it holds no questions");
  return data;
}

QaData ReadQuestions(const std::filesystem::path& path) {
  return path.extension() == ".json" ? ReadSquad(path, {.questions_only = true}) : ReadQaJsonl(path);
}

}  // namespace bv
