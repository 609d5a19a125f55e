#include "analysis/text_analyses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/text_comparison.h"
#include "analysis/text_findings.h"
#include "analysis/text_testing.h"
#include "base/error.h"

namespace bv {
namespace {

// Golds a a b b c. The first run says a b b b a, the second a a b c c.
TextRunSet FiveRows() {
  TextRunSet set = test::MakeTextSet({"a", "b", "c"}, {0, 0, 1, 1, 2});
  test::AddTextRun(&set, "one", {{3, 0, 0}, {0, 2, 0}, {0, 4, 0}, {0, 5, 0}, {1, 0, 0}});
  test::AddTextRun(&set, "two", {{3, 0, 0}, {1, 0, 0}, {0, 4, 0}, {0, 0, 1}, {0, 0, 2}});
  return set;
}

TextRunSet FourValues() {
  TextRunSet set = test::MakeTextSet({}, {1, 2, 3, 4});
  test::AddTextRun(&set, "one", {{1}, {2}, {3}, {4}});
  test::AddTextRun(&set, "two", {{1}, {2.5F}, {2}, {2}});
  return set;
}

TEST(Classes, CountsWhatRowsOfEachLabelWereTakenFor) {
  const Finding finding = ClassesFinding(FiveRows());
  const OrderedJson& a = finding.json[0]["labels"][0];
  EXPECT_EQ(a["label"], "a");
  EXPECT_EQ(a["rows"], 2);
  EXPECT_EQ(a["recall"], 0.5);
  EXPECT_EQ(a["precision"], 0.5);
  EXPECT_EQ(a["predicted_as"]["b"], 1);
  EXPECT_TRUE(finding.json[0]["labels"][2]["precision"].is_null());  // c was never said
  EXPECT_EQ(finding.json[1]["labels"][2]["recall"], 1);
}

TEST(TextComparison, CountsWhoIsRightWhereTheOtherIsNot) {
  const TextRunSet set = FiveRows();
  const TextComparison c = CompareTextRuns(set, set.runs[0], set.runs[1], {.resamples = 200});
  EXPECT_EQ(c.both_right, 2);
  EXPECT_EQ(c.both_wrong, 0);
  EXPECT_EQ(c.mcnemar->only_first, 1);
  EXPECT_EQ(c.mcnemar->only_second, 2);
  EXPECT_EQ(c.differences[0].metric, "accuracy");
  EXPECT_NEAR(c.differences[0].value, 0.2, 1e-12);
  EXPECT_LE(c.differences[0].interval.low, 0.2);
  EXPECT_GE(c.differences[0].interval.high, 0.2);
  const TextComparison itself = CompareTextRuns(set, set.runs[0], set.runs[0], {.resamples = 200});
  EXPECT_EQ(itself.differences[0].interval.low, 0);
  EXPECT_EQ(itself.differences[0].interval.high, 0);
}

TEST(TextComparison, ValuesHaveDifferencesAndNoMcNemar) {
  const TextRunSet set = FourValues();
  const TextComparison c = CompareTextRuns(set, set.runs[0], set.runs[1], {.resamples = 200});
  EXPECT_FALSE(c.mcnemar);
  ASSERT_EQ(c.differences.size(), 3u);
  EXPECT_EQ(c.differences[2].metric, "mse");
  EXPECT_NEAR(c.differences[2].value, (0.25 + 1 + 4) / 4, 1e-6);
}

TEST(TextLength, MeansOverRightRowsAndQuartersFromShortToLong) {
  const OrderedJson one = TextLengthFinding(FiveRows()).json[0];
  EXPECT_EQ(one["mean_characters"], 3);
  EXPECT_NEAR(one["right"].get<double>(), (1 + 3 + 4) / 3.0, 1e-12);
  EXPECT_TRUE(one["only_this_right"].is_null());  // the first run against itself
  EXPECT_EQ(one["quarter_accuracy"], OrderedJson({1.0, 0.0, 1.0, 0.5}));
  const OrderedJson values = TextLengthFinding(FourValues()).json[1];
  EXPECT_EQ(values["quarter_absolute_error"], OrderedJson({0.0, 0.5, 1.0, 2.0}));
}

TEST(TextCalibration, IsOfTheProbabilityOfThePredictedClass) {
  TextRunSet set = test::MakeTextSet({"a", "b"}, {0, 0});
  test::AddTextRun(&set, "one", {{0, 0}, {0, 0}});
  const OrderedJson one = TextCalibrationFinding(set, 10).json[0];
  EXPECT_EQ(one["confidence"], 0.5);
  EXPECT_EQ(one["accuracy"], 1);
  EXPECT_EQ(one["expected_calibration_error"], 0.5);
  EXPECT_EQ(one["bins"][4]["rows"], 2);
}

TEST(TextRisk, TheSurestRowsAreLabelledFirst) {
  const OrderedJson one = TextRiskFinding(FiveRows()).json[0];
  // From the surest on: right, right, right, wrong, wrong.
  EXPECT_EQ(one["points"][59]["accuracy"], 1);
  EXPECT_EQ(one["points"][99]["accuracy"], 0.6);
  EXPECT_NEAR(one["risk_area"].get<double>(), (0 + 0 + 0 + 0.25 + 0.4) / 5, 1e-12);
}

TEST(TextAnalyses, EveryOneSaysItsNameAndHasARowARun) {
  const TextRunSet set = FiveRows();
  for (const TextAnalysis& analysis : TextAnalyses()) {
    const Finding finding = analysis.make(set, {.bootstrap = {.resamples = 50}, .bins = 5});
    EXPECT_EQ(finding.name, analysis.name);
    EXPECT_EQ(finding.json.size(), set.runs.size() + 1 - analysis.least_runs) << analysis.name;
    if (!analysis.classes_only) analysis.make(FourValues(), {.bootstrap = {.resamples = 50}, .bins = 5});
  }
}

}  // namespace
}  // namespace bv
