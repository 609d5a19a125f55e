#include "data/squad.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <unordered_set>

#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/strings.h"
#include "data/code_points.h"

namespace bv {
namespace {

constexpr size_t kIdsInErrors = 5;

std::string At(const std::string& where, const char* array, size_t i) {
  return where.empty() ? Cat(array, "[", i, "]") : Cat(where, ".", array, "[", i, "]");
}

// Where text stands in the context if it stands there exactly once.
std::optional<int64_t> OnlyPlace(std::string_view context, std::string_view text) {
  const size_t first = context.find(text);
  if (text.empty() || first == std::string_view::npos) return std::nullopt;
  if (context.find(text, first + 1) != std::string_view::npos) return std::nullopt;
  return static_cast<int64_t>(first);
}

class Reader {
 public:
  Reader(std::string file, const SquadOptions& options) : options_(options) { data_.file = std::move(file); }

  QaData Read(const Json& root) {
    const Json& articles = RequireArray(root, "data", data_.file);
    for (size_t i = 0; i < articles.size(); ++i) ReadArticle(articles[i], At("", "data", i));
    Finish();
    return std::move(data_);
  }

 private:
  void ReadArticle(const Json& article, const std::string& where) {
    const Json& paragraphs = RequireArray(article, "paragraphs", data_.file, where);
    const std::string title =
        article.contains("title") ? RequireString(article, "title", data_.file, where) : "";
    for (size_t i = 0; i < paragraphs.size(); ++i) {
      ReadParagraph(paragraphs[i], title, At(where, "paragraphs", i));
    }
  }

  void ReadParagraph(const Json& paragraph, const std::string& title, const std::string& where) {
    const std::string& context = RequireString(paragraph, "context", data_.file, where);
    if (TrimSpaces(context).empty()) throw DataError(data_.file, Cat("'", where, ".context' is empty"));
    if (context.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
      throw DataError(data_.file,
                      Cat("'", where, ".context' has ", context.size(), " bytes, 2 GiB is the most"));
    }
    const CodePointIndex index(context);
    const Json& questions = RequireArray(paragraph, "qas", data_.file, where);
    for (size_t i = 0; i < questions.size(); ++i) {
      ReadQuestion(questions[i], title, context, index, At(where, "qas", i));
    }
    data_.contexts.push_back(context);
  }

  void ReadQuestion(const Json& qa, const std::string& title, const std::string& context,
                    const CodePointIndex& index, const std::string& where) {
    QaExample example;
    example.id = RequireString(qa, "id", data_.file, where);
    if (example.id.empty()) throw DataError(data_.file, Cat("'", where, ".id' is empty"));
    if (!ids_.insert(example.id).second) {
      throw DataError(data_.file,
                      Cat("'", where, ".id' is ", Quoted(example.id), ", which an earlier question has"));
    }
    example.title = title;
    example.question = RequireString(qa, "question", data_.file, where);
    example.context = static_cast<int32_t>(data_.contexts.size());
    if (qa.contains("answer_type") && qa["answer_type"].is_string()) example.answer_type = qa["answer_type"];
    if (options_.questions_only) {
      NoteAnswers(qa, &example);
      data_.examples.push_back(std::move(example));
      return;
    }
    const bool said = qa.contains("is_impossible");
    example.impossible = said && RequireBool(qa, "is_impossible", data_.file, where);
    bool lost = false;
    if (qa.contains("answers")) {
      const Json& answers = RequireArray(qa, "answers", data_.file, where);
      if (example.impossible && !answers.empty()) {
        throw DataError(data_.file,
                        Cat("'", where,
                            "' is impossible, but its 'answers' are not empty; answers that only look "
                            "right belong in 'plausible_answers'"));
      }
      if (answers.empty() && !said) example.impossible = true;
      ReadAnswers(answers, context, index, where, &example);
      lost = !answers.empty() && example.answers.empty();
    }
    if (lost) {
      ++lost_questions_;
    } else {
      data_.examples.push_back(std::move(example));
    }
  }

  // Whether there are any, without a look at what they are.
  void NoteAnswers(const Json& qa, QaExample* example) {
    const auto said = qa.find("is_impossible");
    const auto answers = qa.find("answers");
    const bool list = answers != qa.end() && answers->is_array();
    const bool clear = said != qa.end() && said->is_boolean();
    example->impossible = clear ? said->get<bool>() : list && answers->empty();
    if (!example->impossible && !(list && !answers->empty())) ++without_answers_;
  }

  void ReadAnswers(const Json& answers, const std::string& context, const CodePointIndex& index,
                   const std::string& where, QaExample* example) {
    for (size_t i = 0; i < answers.size(); ++i) {
      const std::string place = At(where, "answers", i);
      Answer answer;
      answer.text = RequireString(answers[i], "text", data_.file, place);
      const int64_t start = RequireInteger(answers[i], "answer_start", std::numeric_limits<int64_t>::min(),
                                           std::numeric_limits<int64_t>::max(), data_.file, place);
      const std::optional<int64_t> stated = index.Byte(start);
      if (stated && !answer.text.empty() &&
          context.compare(static_cast<size_t>(*stated), answer.text.size(), answer.text) == 0) {
        answer.begin = *stated;
      } else if (const std::optional<int64_t> found = OnlyPlace(context, answer.text)) {
        answer.begin = *found;
        ++moved_answers_;
      } else {
        ++bad_answers_;
        if (bad_ids_.size() < kIdsInErrors && (bad_ids_.empty() || bad_ids_.back() != example->id)) {
          bad_ids_.push_back(example->id);
        }
        continue;
      }
      example->answers.push_back(std::move(answer));
    }
  }

  void Finish() {
    const std::string bad =
        Cat("answers that stand neither at their answer_start (in code points) nor exactly once "
            "in the context: ",
            bad_answers_, "; first ids: ", Join(bad_ids_, ", "));
    if (bad_answers_ > 0 && !options_.skip_bad_answers) {
      throw DataError(data_.file, Cat(bad, "; --skip-bad-answers drops them"));
    }
    if (bad_answers_ > 0) {
      LogWarning(Cat(data_.file, ": dropped ", bad,
                     "; questions that lost all their answers, and were dropped too: ", lost_questions_));
    }
    if (data_.examples.empty()) throw DataError(data_.file, "it holds no questions");
    if (moved_answers_ > 0) {
      LogWarning(Cat(data_.file,
                     ": answers used where their text occurs exactly once in the context, because it is "
                     "not at their answer_start: ",
                     moved_answers_));
    }
    SummariseAnswers(&data_);
    if (options_.questions_only) data_.has_answers = without_answers_ == 0;
  }

  SquadOptions options_;
  QaData data_;
  std::unordered_set<std::string> ids_;
  std::vector<std::string> bad_ids_;
  int64_t moved_answers_ = 0;
  int64_t bad_answers_ = 0;
  int64_t lost_questions_ = 0;
  int64_t without_answers_ = 0;  // questions, where answers are only counted
};

}  // namespace

QaData ReadSquad(const std::filesystem::path& path, const SquadOptions& options) {
  const std::string text = ReadFile(path);
  if (const std::optional<size_t> bad = FirstInvalidUtf8(text)) {
    throw DataError(path.string(),
                    Cat("byte ", *bad, " is not valid UTF-8; the file has another encoding or is damaged"));
  }
  QaData data = Reader(path.string(), options).Read(ParseJson(text, path.string()));
  data.hash = HashText(text);
  return data;
}

void SummariseAnswers(QaData* data) {
  data->has_impossible = false;
  data->has_answers = true;
  for (const QaExample& example : data->examples) {
    data->has_impossible = data->has_impossible || example.impossible;
    data->has_answers = data->has_answers && (example.impossible || !example.answers.empty());
  }
}

void RequireAnswers(const QaData& data) {
  if (data.has_answers) return;
  throw DataError(data.file,
                  "some questions have no gold answer and are not called impossible; training and "
                  "scoring need them all");
}

}  // namespace bv
