#include "report/page_tables.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/strings.h"
#include "report/html_text.h"
#include "report/published.h"

namespace bv {
namespace {

constexpr const char* kDash = "–";
constexpr const char* kPublishedAfter = "F1";  // the column that the paper's scores stand beside

std::string Header(const std::vector<std::string>& titles) {
  std::string html = "<thead><tr>";
  for (const std::string& title : titles) html += Cat("<th scope=\"col\">", HtmlText(title), "</th>");
  return html + "</tr></thead>\n";
}

// A number cell; `order` is what sorting goes by.
std::string NumberCell(std::optional<double> value, const std::string& shown) {
  if (!value) return Cat("<td class=\"number\">", kDash, "</td>");
  return Cat("<td class=\"number\" data-order=\"", Fixed(*value, 6), "\">", shown, "</td>");
}

std::string ScoreCell(std::optional<double> value, const std::optional<Interval>& interval, int decimals) {
  if (!value) return NumberCell(value, "");
  std::string shown = Fixed(*value, decimals);
  if (interval)
    shown += Cat("<small>", Fixed(interval->low, decimals - 1), "–", Fixed(interval->high, decimals - 1),
                 "</small>");
  return NumberCell(value, shown);
}

// A bar over six decades, 0.0001 % to 100 %.
std::string ShareCell(std::optional<double> share) {
  if (!share) return NumberCell(share, "");
  constexpr double kWidth = 60, kDecades = 6;
  const double filled =
      *share > 0 ? std::clamp((std::log10(*share) + kDecades - 2) / kDecades, 0.0, 1.0) * kWidth : 0;
  return NumberCell(
      share, Cat(Fixed(*share, 3), "<svg class=\"share\" width=\"60\" height=\"6\" aria-hidden=\"true\">",
                 "<rect class=\"whole\" width=\"60\" height=\"6\"/><rect class=\"part\" width=\"",
                 Fixed(filled, 1), "\" height=\"6\"/></svg>"));
}

// What the system is, as far as its name does not say so.
std::string KindText(const ReportSystem& system) {
  const bool bert = system.kind == SystemKind::kBert;
  const std::string head = system.name.ends_with(system.head) ? "head" : system.head;
  std::string text = bert                               ? "fine-tuned BERT"
                     : system.kind == SystemKind::kHead ? head
                                                        : KindName(system.kind);
  if (system.epochs)
    text +=
        Cat(bert ? ", " : " on the states at ", *system.epochs, *system.epochs == 1 ? " epoch" : " epochs");
  return text;
}

std::string PublishedCells(const ReportSystem& system) {
  const auto paper = PublishedFor(system);
  constexpr int kDecimals = 2;
  return ScoreCell(paper ? std::optional(paper->exact) : std::nullopt, std::nullopt, kDecimals) +
         ScoreCell(paper ? std::optional(paper->f1) : std::nullopt, std::nullopt, kDecimals);
}

std::string ResultsRow(const ReportRow& row, const std::vector<ScoreColumn>& columns,
                       const std::optional<SystemIntervals>& known, bool published, bool first_of_run) {
  const ReportSystem& system = row.system;
  std::string html =
      Cat("<tr class=\"", KindName(system.kind), first_of_run ? " first" : "", "\"><th scope=\"row\">",
          HtmlText(system.name), "<small>", HtmlText(KindText(system)), "</small></th>");
  for (const ScoreColumn& column : columns) {
    std::optional<Interval> interval;
    if (known && known->contains(column.title)) interval = known->at(column.title);
    html += ScoreCell(ScoreIn(column, system.metrics), interval, column.decimals);
    if (published && column.title == kPublishedAfter) html += PublishedCells(system);
  }
  using Number = std::optional<double>;
  html += NumberCell(system.parameters > 0 ? Number(static_cast<double>(system.parameters)) : Number(),
                     Thousands(system.parameters));
  html += ShareCell(system.share);
  html += NumberCell(system.seconds, Fixed(system.seconds.value_or(0), 1));
  return html + "</tr>\n";
}

// BERT's row names no head; its scores by epochs would fill a table of heads, so they have their own.
std::string PublishedTable(SystemKind kind, const char* caption) {
  std::string html = Cat("<table><caption>", caption, "</caption>",
                         Header({"system", "epochs", "EM", "F1", "parameters"}), "<tbody>\n");
  for (const PublishedScore& row : PublishedScores()) {
    if (row.kind != kind) continue;
    html += Cat("<tr><th scope=\"row\">", row.system, "</th>", NumberCell(row.epochs, Cat(row.epochs)),
                NumberCell(row.exact, Fixed(row.exact, 1)), NumberCell(row.f1, Fixed(row.f1, 1)),
                NumberCell(static_cast<double>(row.parameters), Thousands(row.parameters)), "</tr>\n");
  }
  return html + "</tbody></table>\n";
}

std::string PublishedOthersTable() {
  std::string html =
      Cat("<table><caption>Ensembles and transfer</caption>", Header({"what", "EM", "F1"}), "<tbody>\n");
  for (const PublishedOther& row : PublishedOthers()) {
    html += Cat("<tr><th scope=\"row\">", row.what, "</th>", NumberCell(row.exact, Fixed(row.exact, 1)),
                NumberCell(row.f1, Fixed(row.f1, 1)), "</tr>\n");
  }
  return html + "</tbody></table>\n";
}

}  // namespace

std::string ResultsTable(const std::vector<ReportRow>& rows, const std::vector<ScoreColumn>& columns,
                         const std::vector<std::optional<SystemIntervals>>& intervals) {
  const bool published = std::any_of(
      rows.begin(), rows.end(), [](const ReportRow& row) { return PublishedFor(row.system).has_value(); });
  std::vector<std::string> titles = {"system"};
  for (const ScoreColumn& column : columns) {
    titles.push_back(column.title);
    if (published && column.title == kPublishedAfter) titles.insert(titles.end(), {"EM, paper", "F1, paper"});
  }
  titles.insert(titles.end(), {"parameters", "% of BERT (log)", "train s"});
  std::string html = Cat("<table id=\"results-table\" class=\"sortable\">", Header(titles), "<tbody>\n");
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool first =
        i > 0 && rows[i].system.folder.parent_path() != rows[i - 1].system.folder.parent_path();
    html += ResultsRow(rows[i], columns, intervals[i], published, first);
  }
  return html + "</tbody></table>\n";
}

std::string MissingIntervals(const std::vector<ReportSystem>& systems,
                             const std::vector<std::string>& why_not) {
  std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
  for (size_t i = 0; i < systems.size(); ++i) {
    if (why_not[i].empty()) continue;
    const auto same = std::find_if(reasons.begin(), reasons.end(),
                                   [&](const auto& reason) { return reason.first == why_not[i]; });
    if (same == reasons.end()) {
      reasons.push_back({why_not[i], {systems[i].name}});
    } else {
      same->second.push_back(systems[i].name);
    }
  }
  std::string html;
  for (const auto& [reason, names] : reasons) {
    const std::string who = names.size() == systems.size() ? "any system" : Join(names, ", ");
    html += Cat("<p class=\"note\">No intervals for ", HtmlText(who), ": ", HtmlText(reason), ".</p>\n");
  }
  return html;
}

std::string PublishedTables() {
  std::string html = "<div class=\"columns\">\n";
  for (const std::string& table :
       {PublishedTable(SystemKind::kHead, "Heads on the states of BERT-large"),
        PublishedTable(SystemKind::kBert, "Fine-tuned BERT-large"), PublishedOthersTable()}) {
    html += Cat("<div class=\"scroll\" tabindex=\"0\">", table, "</div>\n");
  }
  return html + "</div>\n";
}

std::string RunsTable(const std::vector<ReportSystem>& systems) {
  // Heads that were trained together share a row.
  std::vector<std::pair<std::string, std::vector<std::string>>> rows;
  for (const ReportSystem& system : systems) {
    const std::string row = Cat("</th><td><code>", HtmlText(Join(system.command, " ")), "</code></td><td>",
                                HtmlText(system.version), "</td><td>", HtmlText(system.precision),
                                "</td><td>", HtmlText(system.processor), "</td></tr>\n");
    const auto same =
        std::find_if(rows.begin(), rows.end(), [&](const auto& other) { return other.first == row; });
    std::vector<std::string>* runs =
        same == rows.end() ? &rows.emplace_back(row, std::vector<std::string>()).second : &same->second;
    const std::string run = HtmlText(system.run.string());
    if (std::find(runs->begin(), runs->end(), run) == runs->end()) runs->push_back(run);
  }
  std::string html =
      Cat("<table>", Header({"run", "command", "version", "precision", "processor"}), "<tbody>\n");
  for (const auto& [row, runs] : rows) html += Cat("<tr><th scope=\"row\">", Join(runs, "<br>"), row);
  return html + "</tbody></table>\n";
}

}  // namespace bv
