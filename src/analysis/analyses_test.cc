#include "analysis/analyses.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analysis/answer_classes.h"
#include "analysis/comparison.h"
#include "analysis/confidence.h"
#include "analysis/context_length.h"
#include "analysis/second_best.h"
#include "analysis/testing.h"
#include "base/error.h"

namespace bv {
namespace {

using test::kNone;

// Six questions. The first run: right, wrong word, wrongly empty, right none, wrong span where there is none,
// right. The second: right, right, right, wrong, wrong, wrong.
RunSet SixQuestions() {
  RunSet set = test::MakeSet({{0}, {1}, {2}, {kNone}, {kNone}, {3}});
  test::AddRun(&set, "one", {{0, {5}}, {0, {5, 4}}, {5, {0, 0, 4}}, {5, {1}}, {1, {5}}, {0, {0, 0, 0, 5}}});
  test::AddRun(&set, "two", {{0, {5}}, {0, {0, 5}}, {0, {0, 0, 5}}, {0, {5}}, {0, {5}}, {0, {5}}});
  return set;
}

TEST(AnswerClasses, CountsRightWrongAndEmptyAnswersOfBothKinds) {
  const RunSet set = SixQuestions();
  const AnswerClasses one = CountAnswerClasses(set, set.runs[0]);
  EXPECT_EQ(one.answerable, 4);
  EXPECT_EQ(one.answerable_right, 2);
  EXPECT_EQ(one.answerable_empty, 1);
  EXPECT_EQ(one.answerable_partial, 0);
  EXPECT_EQ(one.unanswerable, 2);
  EXPECT_EQ(one.unanswerable_right, 1);
  const AnswerClasses two = CountAnswerClasses(set, set.runs[1]);
  EXPECT_EQ(two.answerable_right, 3);
  EXPECT_EQ(two.answerable_empty, 0);
  EXPECT_EQ(two.unanswerable_right, 0);
}

TEST(AnswerClasses, AnAnswerWithTheRightWordAmongOthersIsPartial) {
  RunSet set = test::MakeSet({{1}});
  test::AddRun(&set, "one", {{0, {}}});
  SpanLogits& logits = set.runs[0].logits;
  logits.start = {0, -9, -9, 5, -9, -9, -9};  // from alpha
  logits.end = {0, -9, -9, -9, 5, -9, -9};    // to beta
  DecodeRun(set, &set.runs[0]);
  EXPECT_EQ(set.runs[0].answers[0].text, "alpha beta");
  EXPECT_EQ(CountAnswerClasses(set, set.runs[0]).answerable_partial, 1);
}

TEST(SecondBest, TheTopOfEveryWindowIsTakenOut) {
  const RunSet set = SixQuestions();
  const SpanLogits second = WithoutTop(set.runs[0].logits);
  EXPECT_EQ(second.start[3], -1000);      // alpha of the first window
  EXPECT_EQ(second.start[7 + 3], -1000);  // of the second
  EXPECT_EQ(second.end[14], -1000);       // [CLS] of the third
  EXPECT_EQ(second.start[2 * 7 + 5], 4);  // the rest is as it was
  EXPECT_EQ(second.start[0], 0);
}

TEST(SecondBest, CountsWrongAnswersThatTheSecondPutsRight) {
  const RunSet set = SixQuestions();
  const SecondBest found = FindSecondBest(set, set.runs[0]);
  EXPECT_EQ(found.questions, 6);
  EXPECT_EQ(found.wrong, 3);
  // beta is second in question 1, gamma behind the empty answer in question 2; in question 4 "none" is
  // second.
  EXPECT_EQ(found.rescued, 3);
  EXPECT_EQ(found.rescued_answerable, 2);
  // Right second answers of right first ones: none.
  EXPECT_NEAR(found.alone_exact, 50, 1e-9);
}

TEST(ContextLength, MeansAreOverRightAnswersOnly) {
  RunSet set = test::MakeSet({{0, 1}, {0, 2}, {0, 3}, {0, 8}});
  test::AddRun(&set, "one", {{0, {5}}, {0, {5}}, {5, {0}}, {5, {0}}});
  test::AddRun(&set, "two", {{0, {5}}, {5, {0}}, {0, {5}}, {0, {5}}});
  EXPECT_EQ(ContextPieces(set), (std::vector<int64_t>{1, 2, 3, 8}));
  // Without unanswerable questions nothing is empty, so every answer is alpha and right.
  EXPECT_EQ(MeasureContextLengths(set, set.runs[0]).right.pieces, 3.5);
  set.data.has_impossible = true;
  for (AnalysedRun& run : set.runs) {
    run.decode.allow_no_answer = true;
    DecodeRun(set, &run);
  }
  const ContextLengths two = MeasureContextLengths(set, set.runs[1]);
  EXPECT_EQ(two.right.pieces, 4);
  EXPECT_EQ(two.right.questions, 3);
  EXPECT_EQ(two.only_this.pieces, 5.5);
  EXPECT_EQ(two.only_first.pieces, 2);
  EXPECT_EQ(two.quarter_exact, (std::array<double, 4>{100, 0, 100, 100}));
  EXPECT_TRUE(std::isnan(MeasureContextLengths(set, set.runs[0]).only_this.pieces));
}

TEST(ContextLength, PiecesThatWindowsShareCountOnce) {
  RunSet set = test::MakeSet({{0, 4}});
  test::AddRun(&set, "one", {{0, {5}}});
  // The second window starts with the last word of the first.
  SpanLogits& logits = set.runs[0].logits;
  for (const int32_t begin : {16, 22}) logits.ranges.push_back({begin - 5, begin});
  logits.start.insert(logits.start.end(), {0, 0});
  logits.end = logits.start;
  logits.offsets.push_back(logits.pieces());
  logits.example.push_back(0);
  logits.window.push_back(1);
  logits.context.insert(logits.context.end(), {0, 2});
  set.origin.windows.cut.doc_stride = 1;
  EXPECT_EQ(ContextPieces(set), std::vector<int64_t>{5});
  // By the study's rule the second window begins so many pieces behind the first.
  set.origin.windows.cut.rule = WindowRule::kPaper;
  set.origin.windows.cut.doc_stride = 3;
  EXPECT_EQ(ContextPieces(set), std::vector<int64_t>{3 + 2});
}

TEST(Comparison, CountsQuestionsThatOnlyOneRunHasRight) {
  const RunSet set = SixQuestions();
  const Comparison c = CompareRuns(set.runs[0], set.runs[1], {.resamples = 500});
  EXPECT_EQ(c.both_right, 1);
  EXPECT_EQ(c.mcnemar.only_first, 2);
  EXPECT_EQ(c.mcnemar.only_second, 2);
  EXPECT_EQ(c.both_wrong, 1);
  EXPECT_EQ(c.mcnemar.exact_p, 1);
  EXPECT_NEAR(c.exact, 0, 1e-9);
  EXPECT_LT(c.exact_interval.low, 0);
  EXPECT_GT(c.exact_interval.high, 0);
}

TEST(Calibration, ErrorsAreThoseOfTheBins) {
  const std::vector<double> confidence = {0.1, 0.1, 0.9, 0.9, 0.9, 0.9};
  const std::vector<double> right = {0, 1, 1, 1, 1, 0};
  const Calibration c = Calibrate(confidence, right, 2);
  EXPECT_EQ(c.bins[0].questions, 2);
  EXPECT_NEAR(c.bins[0].accuracy, 0.5, 1e-12);
  EXPECT_NEAR(c.bins[1].accuracy, 0.75, 1e-12);
  EXPECT_NEAR(c.expected_error, 2.0 / 6 * 0.4 + 4.0 / 6 * 0.15, 1e-12);
  EXPECT_NEAR(c.largest_error, 0.4, 1e-12);
  EXPECT_NEAR(c.brier, (0.01 + 0.81 + 3 * 0.01 + 0.81) / 6, 1e-12);
}

TEST(Calibration, ProbabilitiesFallIntoTheBinThatEndsWithThem) {
  const std::vector<double> confidence = {0, 0.1, 0.100001, 1};
  const Calibration c = Calibrate(confidence, std::vector<double>(4, 1), 10);
  EXPECT_EQ(c.bins[0].questions, 2);
  EXPECT_EQ(c.bins[1].questions, 1);
  EXPECT_EQ(c.bins[9].questions, 1);
  EXPECT_TRUE(std::isnan(c.bins[5].accuracy));
  EXPECT_THROW(Calibrate({}, {}, 10), Error);
}

TEST(Calibration, AnAnswersConfidenceIsThatOfItsTextAmongTheNBest) {
  DecodedAnswer answer;
  answer.text = "Rome";
  answer.n_best = {{"Rome", 0.5, 0, 0, 0, 4}, {"", 0.3, 0, 0, 0, 0}, {"Rome", 0.2, 0, 0, 9, 13}};
  EXPECT_NEAR(AnswerConfidence(answer), 0.7, 1e-12);
  answer.text = "";
  EXPECT_NEAR(AnswerConfidence(answer), 0.3, 1e-12);
}

TEST(RiskCoverage, TheSurestQuestionsAreAnsweredFirst) {
  const std::vector<double> odds = {3, -5, 0, 1}, right = {0, 1, 1, 0};
  const RiskCoverage risk = MeasureRisk(odds, right, right);
  ASSERT_EQ(risk.points.size(), 100u);
  EXPECT_EQ(risk.points[24].exact, 100);
  EXPECT_EQ(risk.points[24].threshold, -5);
  EXPECT_EQ(risk.points[49].exact, 100);
  EXPECT_NEAR(risk.points[74].exact, 200.0 / 3, 1e-9);
  EXPECT_EQ(risk.points[99].exact, 50);
  EXPECT_EQ(risk.points[99].coverage, 100);
  EXPECT_NEAR(risk.exact_area, (0 + 0 + 100.0 / 3 + 50) / 4, 1e-9);
}

TEST(Analyses, EveryOneMakesATableAndJsonOfEveryRun) {
  const RunSet set = SixQuestions();
  AnalysisOptions options;
  options.bootstrap.resamples = 200;
  for (const Analysis& analysis : Analyses()) {
    SCOPED_TRACE(analysis.name);
    const Finding finding = analysis.make(set, options);
    EXPECT_EQ(finding.name, analysis.name);
    EXPECT_FALSE(finding.table.empty());
    EXPECT_FALSE(finding.title.empty());
    EXPECT_EQ(finding.json.size(), 3 - analysis.least_runs);
    EXPECT_NE(finding.table.Print(TableFormat::kText).find("two"), std::string::npos);
  }
}

}  // namespace
}  // namespace bv
