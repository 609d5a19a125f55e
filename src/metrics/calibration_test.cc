#include "metrics/calibration.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "metrics/testing.h"

namespace bv {
namespace {

TEST(Calibration, TablesAndErrorsAreThoseOfTheDefinition) {
  const Json cases = test::ClassificationCases("calibration");
  EXPECT_GE(cases.size(), 5U);
  for (const Json& set : cases) {
    const std::string name = set["name"];
    const auto table = ReliabilityTable(set["confidence"].get<std::vector<double>>(),
                                        set["right"].get<std::vector<double>>(), set["bins"]);
    ASSERT_EQ(table.size(), set["table"].size());
    for (size_t i = 0; i < table.size(); ++i) {
      const Json& expected = set["table"][i];
      EXPECT_EQ(table[i].count, expected["count"].get<int64_t>()) << name << " " << i;
      test::ExpectScore(table[i].low, expected["low"], name);
      test::ExpectScore(table[i].high, expected["high"], name);
      test::ExpectScore(table[i].confidence, expected["confidence"], name);
      test::ExpectScore(table[i].accuracy, expected["accuracy"], name);
    }
    test::ExpectScore(ExpectedCalibrationError(table), set["error"], name);
  }
}

TEST(Calibration, WrongColumnsAreErrors) {
  const std::vector<double> one = {0.5}, two = {0.5, 1}, high = {1.01}, nan = {std::nan("")};
  EXPECT_THROW(ReliabilityTable(one, two), Error);
  EXPECT_THROW(ReliabilityTable(high, one), Error);
  EXPECT_THROW(ReliabilityTable(nan, one), Error);
  EXPECT_THROW(ReliabilityTable(one, one, 0), Error);
}

TEST(RiskCoverage, CurvesAndAreasAreThoseOfTheDefinition) {
  const Json cases = test::ClassificationCases("risk_coverage");
  EXPECT_GE(cases.size(), 5U);
  for (const Json& set : cases) {
    const std::string name = set["name"];
    const auto confidence = set["confidence"].get<std::vector<double>>();
    const auto loss = set["loss"].get<std::vector<double>>();
    const auto curve = RiskCoverageCurve(confidence, loss);
    ASSERT_EQ(curve.size(), set["curve"].size()) << name;
    for (size_t i = 0; i < curve.size(); ++i) {
      const Json& expected = set["curve"][i];
      EXPECT_EQ(curve[i].threshold, expected["threshold"].get<double>()) << name;
      test::ExpectScore(curve[i].coverage, expected["coverage"], name);
      test::ExpectScore(curve[i].risk, expected["risk"], name);
    }
    test::ExpectScore(RiskCoverageArea(confidence, loss), set["area"], name);
  }
}

TEST(RiskCoverage, EndsWithTheRiskOfAnsweringEverything) {
  const std::vector<double> confidence = {3, 1, 2, 1}, loss = {0, 1, 0, 0};
  const auto curve = RiskCoverageCurve(confidence, loss);
  EXPECT_EQ(curve.back().coverage, 1);
  EXPECT_EQ(curve.back().risk, 0.25);
}

TEST(RiskCoverage, NothingHasNoAreaAndNaNIsAnError) {
  EXPECT_TRUE(RiskCoverageCurve({}, {}).empty());
  EXPECT_TRUE(std::isnan(RiskCoverageArea({}, {})));
  const std::vector<double> one = {1}, nan = {std::nan("")};
  EXPECT_THROW(RiskCoverageArea(nan, one), Error);
  EXPECT_THROW(RiskCoverageCurve(one, nan), Error);
  EXPECT_THROW(RiskCoverageCurve(one, {}), Error);
}

}  // namespace
}  // namespace bv
