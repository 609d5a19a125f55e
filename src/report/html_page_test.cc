#include "report/html_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing.h"
#include "report/page_tables.h"
#include "report/testing.h"

namespace bv {
namespace {

using testing::HasSubstr;
using testing::Not;

PageOptions Quick() {
  PageOptions options;
  options.bootstrap.resamples = 100;
  options.made = "2026-01-01";
  options.nonce = "00ff";
  return options;
}

std::vector<ReportSystem> Systems() {
  return {test::FixtureBert("epoch-1", 1, 75, 83.095), test::FixtureHead("heads-1/learned-pooling"),
          test::FixtureHead("heads-0.3/learned-pooling")};
}

size_t Times(const std::string& text, const std::string& part) {
  size_t times = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

TEST(HtmlPage, SameRunsGiveTheSameBytes) {
  EXPECT_EQ(HtmlPage(Systems(), Quick()), HtmlPage(Systems(), Quick()));
}

TEST(HtmlPage, NoTextOfRunsOrDataBecomesMarkup) {
  std::vector<ReportSystem> systems = Systems();
  systems[1].name = "</script><script>alert(1)</script>";
  systems[1].head = "<img src=x onerror=alert(1)>";
  const std::string page = HtmlPage(systems, Quick());
  EXPECT_EQ(Times(page, "alert(1)</script>"), 0u);
  EXPECT_EQ(Times(page, "<img"), 0u);
  EXPECT_EQ(Times(page, "<svg onload"), 0u);
  EXPECT_EQ(Times(page, "<script"), 6u);
  EXPECT_EQ(Times(page, "</script>"), 6u);
}

TEST(HtmlPage, WholeWithoutAnythingBesideIt) {
  const std::string page = HtmlPage(Systems(), Quick());
  EXPECT_EQ(Times(page, "default-src 'none'; script-src 'nonce-00ff'"), 1u);
  EXPECT_EQ(Times(page, "Chart.js v3"), 1u);
  EXPECT_EQ(Times(page, "12 questions of dev.json"), 1u);
  EXPECT_EQ(Times(page, "{{"), 0u);
  EXPECT_EQ(Times(page, "<script src"), 0u);
}

TEST(HtmlPage, SaysWhyIntervalsAreMissing) {
  std::vector<ReportSystem> systems = Systems();
  const test::ScratchFolder scratch;
  fs::copy(systems[1].folder, scratch / "run", fs::copy_options::recursive);
  fs::remove(scratch / "run/predictions.json");
  systems[1].folder = systems[1].run = scratch / "run";
  const std::string page = HtmlPage(systems, Quick());
  EXPECT_EQ(Times(page, "No intervals for heads-1/learned-pooling: the run has no predictions.json"), 1u);
  EXPECT_EQ(Times(page, "Small: 95 % bootstrap intervals"), 1u);
}

TEST(RunsTable, RunsOfOneCommandShareARow) {
  std::vector<ReportSystem> systems(3);
  systems[0].run = "runs/<a>";
  systems[1].run = systems[2].run = "runs/b";
  for (ReportSystem& system : systems) system.command = {"bertvision", "train", "--note", "<i>"};
  const std::string table = RunsTable(systems);
  EXPECT_THAT(table,
              HasSubstr("<th scope=\"row\">runs/&lt;a&gt;<br>runs/b</th><td><code>bertvision train --note "
                        "&lt;i&gt;</code>"));
  EXPECT_EQ(Times(table, "<tr>"), 2u);
}

std::string Results(const std::vector<ReportSystem>& systems) {
  std::vector<ReportRow> rows = SingleRows(systems);
  std::vector<const Metrics*> metrics;
  metrics.reserve(rows.size());
  for (const ReportRow& row : rows) metrics.push_back(&row.system.metrics);
  return ResultsTable(rows, ScoreColumns(metrics, "eval_"),
                      std::vector<std::optional<SystemIntervals>>(rows.size()));
}

TEST(ResultsTable, PublishedScoresAreInItForThePapersSettingOnly) {
  ReportSystem bert = test::FixtureBert("epoch-1", 1, 73, 78);
  EXPECT_THAT(Results({bert}), Not(HasSubstr("paper")));
  bert.layers = 25;
  bert.hidden = 1024;
  bert.train_windows = 131754;
  for (const auto& [name, count] : {std::pair("eval_total", 11873), std::pair("eval_HasAns_total", 5928),
                                    std::pair("eval_NoAns_total", 5945)})
    bert.metrics.emplace_back(name, count);
  const std::string table = Results({bert, test::FixtureHead("heads-1/learned-pooling")});
  EXPECT_THAT(table, HasSubstr("EM, paper"));
  EXPECT_THAT(table, HasSubstr(">72.80<"));
}

}  // namespace
}  // namespace bv
