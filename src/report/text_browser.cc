#include "report/text_browser.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/hash.h"
#include "base/rng.h"
#include "metrics/task_scores.h"
#include "report/html_text.h"

namespace bv {
namespace {

struct Place {
  uint64_t order = 0;
  size_t group = 0;
  int64_t row = 0;
};

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
  std::vector<Place> places;
  for (size_t g = 0; g < data.groups.size(); ++g) {
    const TaskExamples& examples = data.groups[g].examples;
    browser.json["labels"] = examples.task.labels;
    for (int64_t row = 0; row < examples.size(); ++row)
      places.push_back({Mix64(HashText(examples.Id(row))), g, row});
  }
  browser.total = std::ssize(places);
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.order < b.order; });
  std::vector<std::pair<Place, OrderedJson>> chosen;
  int64_t bytes = 0;
  for (const Place& place : places) {
    if (std::ssize(chosen) >= options.questions) break;
    OrderedJson row = RowJson(data.groups[place.group], place.row);
    bytes += std::ssize(JsonForScript(row));
    if (bytes > options.bytes) break;
    chosen.emplace_back(place, std::move(row));
  }
  std::sort(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first.group, a.first.row) < std::tie(b.first.group, b.first.row);
  });
  for (auto& [place, row] : chosen) browser.json["rows"].push_back(std::move(row));
  browser.shown = std::ssize(chosen);
  return browser;
}

}  // namespace bv
