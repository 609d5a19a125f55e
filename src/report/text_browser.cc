#include "report/text_browser.h"

#include <cmath>

#include "metrics/task_scores.h"
#include "report/html_text.h"

namespace bv {
namespace {

double Rounded(double value) {
  return std::round(10000 * value) / 10000;
}

OrderedJson RowJson(const AnsweredTexts& group, int64_t row) {
  const auto i = static_cast<size_t>(row);
  const auto [a, b] = TextsOf(group.examples, row);
  OrderedJson answers = OrderedJson::array();
  for (size_t s = 0; s < group.systems.size(); ++s) {
    const TextAnswers& said = group.answers[s];
    OrderedJson answer = OrderedJson::array({group.systems[s], Rounded(said.values[i])});
    if (!said.probabilities.empty()) answer.push_back(Rounded(said.probabilities[i]));
    answers.push_back(std::move(answer));
  }
  return {{"id", group.examples.Id(row)},
          {"a", a},
          {"b", b},
          {"gold", Rounded(GoldValue(group.examples, row))},
          {"answers", std::move(answers)}};
}

}  // namespace

AnswerBrowser MakeTextBrowser(const std::vector<ReportSystem>& systems, const TextDevData& data,
                              const BrowserOptions& options) {
  AnswerBrowser browser;
  browser.json = {
      {"systems", OrderedJson::array()}, {"labels", OrderedJson::array()}, {"rows", OrderedJson::array()}};
  for (const ReportSystem& system : systems) browser.json["systems"].push_back(system.name);
  std::vector<std::vector<std::string>> ids;
  for (const AnsweredTexts& group : data.groups) {
    browser.json["labels"] = group.examples.task.labels;
    std::vector<std::string>& own = ids.emplace_back();
    for (int64_t row = 0; row < group.examples.size(); ++row) own.push_back(group.examples.Id(row));
    browser.total += group.examples.size();
  }
  const auto row_of = [&](const BrowserPlace& place) {
    return RowJson(data.groups[place.group], static_cast<int64_t>(place.example));
  };
  const auto bytes = [&](const BrowserPlace& place) { return std::ssize(JsonForScript(row_of(place))); };
  for (const BrowserPlace& place : DrawPlaces(ids, options, bytes)) {
    browser.json["rows"].push_back(row_of(place));
    ++browser.shown;
  }
  return browser;
}

}  // namespace bv
