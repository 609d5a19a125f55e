#include "report/html_page.h"

#include <algorithm>

#include "base/strings.h"
#include "base/version.h"
#include "report/assets.h"
#include "report/chart.h"
#include "report/dev_data.h"
#include "report/html_text.h"
#include "report/page_tables.h"
#include "report/published.h"
#include "report/run_charts.h"
#include "report/system_scores.h"

namespace bv {
namespace {

std::string Count(int64_t n, const char* one, const char* many) {
  return Cat(Thousands(n), " ", n == 1 ? one : many);
}

std::string Summary(const std::vector<ReportSystem>& systems, const DevData& data) {
  const auto heads = std::count_if(systems.begin(), systems.end(), [](const ReportSystem& system) {
    return system.kind == SystemKind::kHead;
  });
  std::vector<std::string> parts;
  if (const auto bert = std::ssize(systems) - heads; bert > 0)
    parts.push_back(Count(bert, "fine-tuned BERT checkpoint", "fine-tuned BERT checkpoints"));
  if (heads > 0) parts.push_back(Count(heads, "head", "heads"));
  std::string text = Join(parts, " and ");
  std::vector<std::string> files;
  for (const AnsweredData& group : data.groups) {
    files.push_back(Cat(Count(std::ssize(group.data.examples), "question", "questions"), " of ",
                        std::filesystem::path(group.data.file).filename().string()));
  }
  if (!files.empty()) text += Cat(", scored on ", Join(files, " and "));
  return HtmlText(text + ".");
}

std::string IntervalNote(const BootstrapOptions& options, const ScoredSystems& scored) {
  const bool any = std::any_of(scored.intervals.begin(), scored.intervals.end(),
                               [](const auto& intervals) { return intervals.has_value(); });
  if (!any) return "";
  return Cat(
      "<p class=\"note\">Small: 95 % bootstrap intervals over questions, ", Thousands(options.resamples),
      " resamples. Overlapping intervals do not tell whether two systems differ on the same questions; ",
      "<code>bertvision eval --compare</code> does.</p>\n");
}

std::string BrowserNote(const AnswerBrowser& browser, const DevData& data) {
  if (browser.total == 0) {
    return "The answers cannot be shown: no system's predictions and dev data were both found.";
  }
  std::string text =
      browser.shown == browser.total
          ? Cat("All ", Count(browser.total, "question", "questions"), ".")
          : Cat(Thousands(browser.shown), " of ", Count(browser.total, "question", "questions"),
                ", drawn at random to keep this page small.");
  if (data.groups.size() > 1)
    text += " Systems that answered other questions are not compared with each other.";
  return HtmlText(text);
}

std::string PublishedNote(const std::vector<ReportSystem>& systems) {
  const bool comparable = std::any_of(systems.begin(), systems.end(), [](const ReportSystem& system) {
    return PublishedFor(system).has_value();
  });
  return comparable
             ? "Where backbone, training data and dev data are the paper's, these numbers also stand beside "
               "ours above."
             : "For reference only: no system above has the paper's backbone, training data and dev data, so "
               "none of its scores compares with these.";
}

std::string ChartFigures(const std::vector<Chart>& charts) {
  std::string html;
  for (const Chart& chart : charts) html += ChartFigure(chart);
  return html;
}

std::string PageData(const std::vector<Chart>& charts, const AnswerBrowser& browser) {
  OrderedJson json = {{"charts", OrderedJson::array()}, {"answers", browser.json}};
  for (const Chart& chart : charts) json["charts"].push_back(ChartJson(chart));
  return JsonForScript(json);
}

}  // namespace

std::string HtmlPage(std::vector<ReportSystem> systems, const PageOptions& options) {
  ReadDetails(&systems);
  const DevData data = FindDevData(systems, options.data);
  const ScoredSystems scored = ScoreSystems(systems, data, options.bootstrap);
  const std::vector<Chart> charts = RunCharts(systems, scored.intervals);
  const AnswerBrowser browser = MakeAnswerBrowser(systems, data, scored.groups, options.browser);
  return FillTemplate(assets::kPage, {{"nonce", HtmlText(options.nonce)},
                                      {"style", std::string(assets::kStyle)},
                                      {"summary", Summary(systems, data)},
                                      {"made", HtmlText(Cat(options.made, " with bertvision ", kVersion))},
                                      {"results", ResultsTable(systems, scored.intervals)},
                                      {"interval_note", IntervalNote(options.bootstrap, scored)},
                                      {"missing_intervals", MissingIntervals(systems, scored.why_not)},
                                      {"charts", ChartFigures(charts)},
                                      {"published_note", PublishedNote(systems)},
                                      {"published", PublishedTables()},
                                      {"browser_note", BrowserNote(browser, data)},
                                      {"runs", RunsTable(systems)},
                                      {"data", PageData(charts, browser)},
                                      {"chart_library", std::string(assets::kChartLibrary)},
                                      {"chart_script", std::string(assets::kChartScript)},
                                      {"table_script", std::string(assets::kTableScript)},
                                      {"answer_script", std::string(assets::kAnswerScript)}});
}

}  // namespace bv
