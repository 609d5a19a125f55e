#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/strings.h"
#include "base/testing.h"
#include "report/html_page.h"
#include "report/text_browser.h"
#include "report/text_scores.h"

namespace bv {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Runs on a file of four rows, as the verbs leave them.
class TextPage : public testing::Test {
 protected:
  static constexpr const char* kRows =
      "text\tlabel\n<b>one</b>\tno\ntwo\tyes\nthree\tyes\n</script><script>alert(1)</script>\tno\n";

  void SetUp() override { WriteFileAtomically(folder_ / "dev.tsv", kRows); }

  ReportSystem Add(const std::string& name, const std::vector<std::string>& said, double accuracy) {
    const fs::path run = folder_ / name;
    MakeFolder(run);
    OrderedJson predictions, shares;
    for (size_t i = 0; i < said.size(); ++i) {
      const std::string id = std::to_string(i + 2);  // rows are named by their lines
      predictions[id] = said[i];
      shares[id] = {{"no", said[i] == "no" ? 0.75 : 0.25}, {"yes", said[i] == "yes" ? 0.75 : 0.25}};
    }
    WriteJsonFile(run / "predictions.json", predictions);
    WriteJsonFile(run / "probabilities.json", shares);
    const OrderedJson task = {
        {"kind", "classification"}, {"name", "classification"}, {"labels", {"no", "yes"}}};
    WriteJsonFile(run / "run.json", OrderedJson{{"format", 1},
                                                {"version", "0.1.0"},
                                                {"verb", "train"},
                                                {"command", OrderedJson::array()},
                                                {"state", "finished"},
                                                {"resumed", OrderedJson::array()},
                                                {"options", OrderedJson::object()},
                                                {"seeds", OrderedJson::object()},
                                                {"machine", OrderedJson::object()},
                                                {"inputs",
                                                 {{"backbone_fingerprint", name},
                                                  {"task", task},
                                                  {"dev_data_hash", Hex(HashFile(folder_ / "dev.tsv"))}}}});
    ReportSystem system;
    system.name = name;
    system.folder = system.run = run;
    system.head = name;
    system.parameters = 9;
    system.dev = folder_ / "dev.tsv";
    system.metrics = {{"eval_accuracy", accuracy}};
    return system;
  }

  std::vector<ReportSystem> Two() {
    return {Add("good", {"no", "yes", "yes", "yes"}, 0.75), Add("bad", {"yes", "yes", "no", "yes"}, 0.25)};
  }

  static PageOptions Quick() {
    PageOptions options;
    options.bootstrap.resamples = 100;
    options.nonce = "00ff";
    return options;
  }

  test::ScratchFolder folder_;
};

TEST_F(TextPage, PredictionsAreScoredAgainAndGetIntervals) {
  auto systems = Two();
  systems[1].metrics[0].second = 0.5;  // not what it reaches
  ReadDetails(&systems);
  const TextDevData data = FindTextData(systems, {});
  ASSERT_EQ(data.groups.size(), 1u);
  EXPECT_THAT(data.groups[0].answers[0].values, ElementsAre(0, 1, 1, 1));
  EXPECT_THAT(data.groups[0].answers[1].probabilities, ElementsAre(0.75, 0.75, 0.75, 0.75));
  const ScoredTexts scored = ScoreTexts(systems, data, {.resamples = 200});
  EXPECT_LE(scored.intervals[0]->at("accuracy").low, 0.75);
  EXPECT_GE(scored.intervals[0]->at("accuracy").high, 0.75);
  EXPECT_FALSE(scored.intervals[1]);
  EXPECT_THAT(scored.why_not[1], HasSubstr("score accuracy 0.2500"));
}

TEST_F(TextPage, LabelsAreChartedAndTabled) {
  auto systems = Two();
  ReadDetails(&systems);
  const TextDevData data = FindTextData(systems, {});
  const std::vector<Chart> charts = ClassCharts(systems, data);
  ASSERT_EQ(charts.size(), 1u);
  EXPECT_THAT(charts[0].categories, ElementsAre("no", "yes"));
  EXPECT_EQ(charts[0].series[0].name, "good");
  EXPECT_NEAR(charts[0].series[0].points[0].y, 2 * 1 * 0.5 / 1.5, 1e-12);  // precision 1, recall 0.5
  EXPECT_THAT(ConfusionTables(systems, data), HasSubstr("<caption>good</caption>"));
}

TEST_F(TextPage, TheBrowserHoldsTextsLabelsAndProbabilities) {
  auto systems = Two();
  ReadDetails(&systems);
  const AnswerBrowser browser = MakeTextBrowser(systems, FindTextData(systems, {}), {});
  EXPECT_EQ(browser.shown, 4);
  EXPECT_EQ(browser.json["labels"], OrderedJson({"no", "yes"}));
  const OrderedJson& row = browser.json["rows"][2];
  EXPECT_EQ(row["a"], "three");
  EXPECT_EQ(row["gold"], 1);
  EXPECT_EQ(row["answers"][1], OrderedJson({1, 0.0, 0.75}));
}

TEST_F(TextPage, IsThePageWithLabelsInPlaceOfAnswersAndNoMarkupOfTexts) {
  const std::string page = HtmlPage(Two(), Quick());
  EXPECT_THAT(page, HasSubstr("4 examples of dev.tsv"));
  EXPECT_THAT(page, HasSubstr("id=\"rows\""));
  EXPECT_THAT(page, HasSubstr("id=\"labels\""));
  EXPECT_THAT(page, Not(HasSubstr("Published numbers")));
  EXPECT_THAT(page, Not(HasSubstr("<b>one</b>")));
  EXPECT_THAT(page, Not(HasSubstr("alert(1)</script>")));
}

TEST_F(TextPage, SystemsOfSeveralTasksAreRefused) {
  std::vector<ReportSystem> systems = Two();
  OrderedJson run = OrderedJson::parse(ReadFile(systems[1].run / "run.json"));
  run["inputs"]["task"]["name"] = "rte";
  WriteJsonFile(systems[1].run / "run.json", run);
  try {
    HtmlPage(systems, Quick());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("good is of classification and bad of rte"));
  }
}

TEST_F(TextPage, DataThatCannotBeReadAsTheRunDidCostsTheIntervalsAlone) {
  std::vector<ReportSystem> systems = Two();
  WriteFileAtomically(folder_ / "dev.tsv", "sentence\tlabel\na\tno\n");
  for (ReportSystem& system : systems) {
    OrderedJson run = OrderedJson::parse(ReadFile(system.run / "run.json"));
    run["inputs"]["dev_data_hash"] = Hex(HashFile(folder_ / "dev.tsv"));
    WriteJsonFile(system.run / "run.json", run);
  }
  EXPECT_THAT(HtmlPage(systems, Quick()), HasSubstr("cannot be read as the run did"));
}

}  // namespace
}  // namespace bv
