#include "report/html_page.h"

#include <algorithm>

#include "base/strings.h"
#include "base/version.h"
#include "report/assets.h"
#include "report/chart.h"
#include "report/html_text.h"
#include "report/page_parts.h"
#include "report/page_tables.h"
#include "report/report_rows.h"
#include "report/run_charts.h"

namespace bv {
namespace {

std::string Summary(const std::vector<ReportSystem>& systems, const std::vector<std::string>& files) {
  const struct {
    SystemKind kind;
    const char *one, *many;
  } kinds[] = {{SystemKind::kBert, "fine-tuned BERT checkpoint", "fine-tuned BERT checkpoints"},
               {SystemKind::kHead, "head", "heads"},
               {SystemKind::kEnsemble, "ensemble", "ensembles"},
               {SystemKind::kEvaluation, "evaluation", "evaluations"}};
  std::vector<std::string> parts;
  for (const auto& [kind, one, many] : kinds) {
    const auto count =
        std::count_if(systems.begin(), systems.end(),
                      [&, of = kind](const ReportSystem& system) { return system.kind == of; });
    if (count > 0) parts.push_back(CountOf(count, one, many));
  }
  std::string text = Join(parts, " and ");
  if (!files.empty()) text += Cat(", scored on ", Join(files, " and "));
  return HtmlText(text + ".");
}

std::string SeedsNote(const std::vector<ReportRow>& rows) {
  const bool any =
      std::any_of(rows.begin(), rows.end(), [](const ReportRow& row) { return row.seeds() > 1; });
  if (!any) return "";
  return "<p class=\"note\">Lines over several seeds hold the mean and, small, the lowest and highest: runs "
         "of "
         "one setting that differ only by seed, that of their backbone's fine-tuning included. Losses, "
         "examples and the list of runs show single runs.</p>\n";
}

// Of lines over several seeds SeedsNote says what the small numbers are.
std::string IntervalNote(const BootstrapOptions& options, const PageParts& parts,
                         const std::vector<ReportRow>& rows) {
  const bool any = std::any_of(rows.begin(), rows.end(), [&](const ReportRow& row) {
    return row.seeds() == 1 && parts.intervals[row.members[0]].has_value();
  });
  if (!any) return "";
  return Cat("<p class=\"note\">Small: 95 % bootstrap intervals over ", parts.unit, ", ",
             Thousands(options.resamples),
             " resamples. Overlapping intervals do not tell whether two systems differ on the same ",
             parts.unit, "; <code>", parts.compare, "</code> does.</p>\n");
}

std::string ChartFigures(const std::vector<Chart>& charts) {
  std::string html;
  for (const Chart& chart : charts) html += ChartFigure(chart);
  return html;
}

std::string PageData(const std::vector<Chart>& charts, const PageParts& parts) {
  OrderedJson json = {{"charts", OrderedJson::array()}};
  for (const Chart& chart : charts) json["charts"].push_back(ChartJson(chart));
  json[parts.data_name] = parts.data;
  return JsonForScript(json);
}

}  // namespace

std::string HtmlPage(std::vector<ReportSystem> systems, const PageOptions& options) {
  ReadDetails(&systems);
  const PageParts parts = MakePageParts(systems, options);
  const std::vector<ReportRow> rows = options.gather_seeds ? GatherSeeds(systems) : SingleRows(systems);
  std::vector<const Metrics*> metrics;
  metrics.reserve(rows.size());
  for (const ReportRow& row : rows) metrics.push_back(&row.system.metrics);
  const std::vector<ScoreColumn> columns = ScoreColumns(metrics, "eval_");
  const auto intervals = RowIntervals(rows, columns, parts.intervals);
  std::vector<Chart> charts = RunCharts({systems, rows, columns, intervals});
  charts.insert(charts.end(), parts.charts.begin(), parts.charts.end());
  return FillTemplate(assets::kPage,
                      {{"nonce", HtmlText(options.nonce)},
                       {"style", std::string(assets::kStyle)},
                       {"links", parts.links},
                       {"summary", Summary(systems, parts.files)},
                       {"made", HtmlText(Cat(options.made, " with bertvision ", kVersion))},
                       {"results", ResultsTable(rows, columns, intervals)},
                       {"interval_note", IntervalNote(options.bootstrap, parts, rows) + SeedsNote(rows)},
                       {"missing_intervals", MissingIntervals(systems, parts.why_not)},
                       {"classes", parts.classes},
                       {"charts", ChartFigures(charts)},
                       {"browser", parts.browser},
                       {"published", parts.published},
                       {"runs", RunsTable(systems)},
                       {"data", PageData(charts, parts)},
                       {"chart_library", std::string(assets::kChartLibrary)},
                       {"chart_script", std::string(assets::kChartScript)},
                       {"table_script", std::string(assets::kTableScript)},
                       {"browser_script", std::string(assets::kBrowserScript)},
                       {"task_script", std::string(parts.script)}});
}

}  // namespace bv
