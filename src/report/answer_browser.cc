#include "report/answer_browser.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "report/html_text.h"
#include "text/utf8.h"

namespace bv {
namespace {

int64_t Utf16Units(std::string_view text) {
  int64_t units = 0;
  for (size_t i = 0; i < text.size();) {
    const DecodedCodePoint point = DecodeUtf8(text, i);
    i += static_cast<size_t>(point.bytes);
    units += point.code > 0xFFFF ? 2 : 1;
  }
  return units;
}

OrderedJson GoldJson(const QaExample& example, const std::string& context) {
  OrderedJson gold = OrderedJson::array();
  for (const Answer& answer : example.answers) {
    const int64_t begin = Utf16Units(std::string_view(context).substr(0, static_cast<size_t>(answer.begin)));
    const OrderedJson place = OrderedJson::array({begin, begin + Utf16Units(answer.text)});
    if (std::find(gold.begin(), gold.end(), place) == gold.end()) gold.push_back(place);
  }
  return gold;
}

OrderedJson QuestionJson(const AnsweredData& group, const AnswerScores& scores, size_t i) {
  const QaExample& example = group.data.examples[i];
  OrderedJson answers = OrderedJson::array();
  for (size_t s = 0; s < group.systems.size(); ++s) {
    const double f1 = std::round(1000 * scores.f1[s][i]) / 1000;
    answers.push_back(OrderedJson::array(
        {group.systems[s], group.predictions[s].at(example.id), scores.exact[s][i] == 1 ? 1 : 0, f1}));
  }
  return {{"id", example.id},
          {"question", example.question},
          {"gold", GoldJson(example, group.data.Context(example))},
          {"answers", std::move(answers)}};
}

// The contexts of the page, each once.
class Contexts {
 public:
  size_t IndexOf(size_t group, const QaData& data, const QaExample& example, OrderedJson* list) {
    const auto [found, added] = index_.emplace(std::pair(group, example.context), list->size());
    if (added) list->push_back({{"title", example.title}, {"text", data.Context(example)}});
    return found->second;
  }

 private:
  std::map<std::pair<size_t, int32_t>, size_t> index_;
};

// The questions that fit; a context counts with the first of its questions.
std::vector<BrowserPlace> Chosen(const DevData& data, const std::vector<AnswerScores>& scores,
                                 const BrowserOptions& options) {
  std::vector<std::vector<std::string>> ids;
  for (const AnsweredData& group : data.groups) {
    std::vector<std::string>& own = ids.emplace_back();
    for (const QaExample& example : group.data.examples) own.push_back(example.id);
  }
  std::set<std::pair<size_t, int32_t>> contexts;
  return DrawPlaces(ids, options, [&](const BrowserPlace& place) {
    const AnsweredData& group = data.groups[place.group];
    const QaExample& example = group.data.examples[place.example];
    int64_t bytes = std::ssize(JsonForScript(QuestionJson(group, scores[place.group], place.example)));
    if (contexts.emplace(place.group, example.context).second)
      bytes += std::ssize(JsonForScript(group.data.Context(example)));
    return bytes;
  });
}

}  // namespace

AnswerBrowser MakeAnswerBrowser(const std::vector<ReportSystem>& systems, const DevData& data,
                                const std::vector<AnswerScores>& scores, const BrowserOptions& options) {
  AnswerBrowser browser;
  browser.json = {{"systems", OrderedJson::array()},
                  {"contexts", OrderedJson::array()},
                  {"questions", OrderedJson::array()}};
  for (const ReportSystem& system : systems) browser.json["systems"].push_back(system.name);
  for (const AnsweredData& group : data.groups) browser.total += std::ssize(group.data.examples);
  Contexts contexts;
  for (const BrowserPlace& place : Chosen(data, scores, options)) {
    const AnsweredData& group = data.groups[place.group];
    OrderedJson question = QuestionJson(group, scores[place.group], place.example);
    question["context"] = contexts.IndexOf(place.group, group.data, group.data.examples[place.example],
                                           &browser.json["contexts"]);
    browser.json["questions"].push_back(std::move(question));
    ++browser.shown;
  }
  return browser;
}

}  // namespace bv
