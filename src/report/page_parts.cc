#include "report/page_parts.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/strings.h"
#include "report/answer_browser.h"
#include "report/assets.h"
#include "report/dev_data.h"
#include "report/html_text.h"
#include "report/page_tables.h"
#include "report/published.h"
#include "report/text_browser.h"
#include "report/text_scores.h"

namespace bv {
namespace {

std::string Link(const char* section, const char* title) {
  return Cat("<a href=\"#", section, "\">", title, "</a>\n");
}

std::string FileName(const std::string& file) {
  return std::filesystem::path(file).filename().string();
}

std::string BrowserNote(const AnswerBrowser& browser, size_t groups, const char* one, const char* many) {
  if (browser.total == 0)
    return Cat("No ", many, " can be shown: no system's predictions and dev data were both found.");
  std::string text = browser.shown == browser.total
                         ? Cat("All ", CountOf(browser.total, one, many), ".")
                         : Cat(Thousands(browser.shown), " of ", CountOf(browser.total, one, many),
                               ", drawn at random to keep this page small.");
  if (groups > 1) text += Cat(" Systems that were given other ", many, " are not compared with each other.");
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

PageParts SpanParts(const std::vector<ReportSystem>& systems, const PageOptions& options) {
  const DevData data = FindDevData(systems, options.data);
  ScoredSystems scored = ScoreSystems(systems, data, options.bootstrap);
  AnswerBrowser browser = MakeAnswerBrowser(systems, data, scored.groups, options.browser);
  PageParts parts;
  for (const AnsweredData& group : data.groups) {
    parts.files.push_back(Cat(CountOf(std::ssize(group.data.examples), "question", "questions"), " of ",
                              FileName(group.data.file)));
  }
  parts.intervals = std::move(scored.intervals);
  parts.why_not = std::move(scored.why_not);
  parts.compare = "bertvision eval --compare";
  parts.links = Link("answers", "Answers") + Link("published", "Published numbers");
  parts.browser = FillTemplate(assets::kBrowser,
                               {{"id", "answers"},
                                {"title", "Answers"},
                                {"what", "questions"},
                                {"note", BrowserNote(browser, data.groups.size(), "question", "questions")},
                                {"filters", std::string(assets::kAnswerFilters)},
                                {"searched", "in question, context, answers, id"}});
  parts.published = FillTemplate(
      assets::kPublished, {{"published_note", PublishedNote(systems)}, {"published", PublishedTables()}});
  parts.script = assets::kAnswerScript;
  parts.data_name = "answers";
  parts.data = std::move(browser.json);
  return parts;
}

PageParts TextParts(const std::vector<ReportSystem>& systems, const PageOptions& options) {
  const TextDevData data = FindTextData(systems, options.data);
  ScoredTexts scored = ScoreTexts(systems, data, options.bootstrap);
  AnswerBrowser browser = MakeTextBrowser(systems, data, options.browser);
  PageParts parts;
  for (const AnsweredTexts& group : data.groups) {
    parts.files.push_back(
        Cat(CountOf(group.examples.size(), "example", "examples"), " of ", FileName(group.examples.file())));
  }
  parts.intervals = std::move(scored.intervals);
  parts.why_not = std::move(scored.why_not);
  parts.unit = "examples";
  parts.compare = "bertvision analyze --what compare";
  parts.charts = ClassCharts(systems, data);
  const std::string tables = ConfusionTables(systems, data);
  if (!tables.empty()) {
    parts.classes =
        Cat("<section id=\"labels\" aria-labelledby=\"labels-title\">\n<h2 id=\"labels-title\">Labels</h2>\n",
            "<p class=\"note\">A row for each gold label, a column for what was predicted.</p>\n",
            "<details><summary>Show what labels were taken for, by system</summary>\n", tables,
            "</details>\n</section>\n");
    parts.links += Link("labels", "Labels");
  }
  parts.links += Link("rows", "Examples");
  parts.browser = FillTemplate(assets::kBrowser,
                               {{"id", "rows"},
                                {"title", "Examples"},
                                {"what", "examples"},
                                {"note", BrowserNote(browser, data.groups.size(), "example", "examples")},
                                {"filters", std::string(assets::kTextFilters)},
                                {"searched", "in texts, labels, id"}});
  parts.script = assets::kTextScript;
  parts.data_name = "texts";
  parts.data = std::move(browser.json);
  return parts;
}

std::string TaskName(const ReportSystem& system) {
  return system.task ? system.task->name : "squad";
}

void RequireOneTask(const std::vector<ReportSystem>& systems) {
  for (const ReportSystem& system : systems) {
    const ReportSystem& first = systems.front();
    const bool same =
        first.task.has_value() == system.task.has_value() &&
        (!first.task || (first.task->Fits(*system.task) && TaskName(first) == TaskName(system)));
    if (same) continue;
    const bool labels = TaskName(first) == TaskName(system);
    throw Error(ErrorKind::kUsage,
                Cat("a page is of one task, but ", first.name, " is of ", TaskName(first), " and ",
                    system.name, " of ", labels ? "the same with other labels" : TaskName(system),
                    "; name runs of one task in --runs, a table alone takes runs of several"));
  }
}

}  // namespace

PageParts MakePageParts(const std::vector<ReportSystem>& systems, const PageOptions& options) {
  RequireOneTask(systems);
  const bool texts = !systems.empty() && systems.front().task.has_value();
  return texts ? TextParts(systems, options) : SpanParts(systems, options);
}

std::string CountOf(int64_t n, const char* one, const char* many) {
  return Cat(Thousands(n), " ", n == 1 ? one : many);
}

}  // namespace bv
