#include "metrics/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "base/json.h"

namespace bv {
namespace {

void ExpectNear(const Interval& found, const Json& expected, double tolerance) {
  EXPECT_NEAR(found.low, expected[0].get<double>(), tolerance);
  EXPECT_NEAR(found.high, expected[1].get<double>(), tolerance);
}

// A percentile of B resamples at share p has a standard error of about s sqrt(p (1 - p) / B) / density, here
// 0.021 sd of the mean for p = 0.05 and B = 10,000. Five of those, plus one step of the means' grid.
TEST(Bootstrap, AgreesWithScipyWithinMonteCarloError) {
  const Json fixture =
      ReadJsonFile(std::filesystem::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/metrics/bootstrap.json");
  const auto a = fixture["a"].get<std::vector<double>>();
  const auto b = fixture["b"].get<std::vector<double>>();
  const BootstrapOptions options{.resamples = 10000, .confidence = fixture["confidence"], .seed = 3};
  const double tolerance = 5 * 0.021 * 0.5 / std::sqrt(static_cast<double>(a.size())) + 0.25 / 400;
  const std::vector<Interval> means = BootstrapMeans({a, b}, options);
  ExpectNear(means[0], fixture["mean_a"], tolerance);
  ExpectNear(means[1], fixture["mean_b"], tolerance);
  ExpectNear(BootstrapDifference(a, b, options), fixture["difference"], tolerance);
}

TEST(Bootstrap, IsTheSameForTheSameSeedAndNotForAnother) {
  std::vector<double> values(97);
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i));
  const auto run = [&](uint64_t seed) {
    return BootstrapMeans({values}, {.resamples = 500, .seed = seed})[0];
  };
  EXPECT_EQ(run(1).low, run(1).low);
  EXPECT_EQ(run(1).high, run(1).high);
  EXPECT_NE(run(1).low, run(2).low);
}

TEST(Bootstrap, PairingSeesThatTwoSystemsErrTogether) {
  std::vector<double> a, b;
  for (int i = 0; i < 200; ++i) {
    a.push_back(i % 2);
    b.push_back(i % 2 - 0.01);
  }
  const Interval difference = BootstrapDifference(a, b, {.resamples = 500});
  EXPECT_NEAR(difference.low, 0.01, 1e-12);
  EXPECT_NEAR(difference.high, 0.01, 1e-12);
}

TEST(Bootstrap, ColumnsShareTheirResamples) {
  const std::vector<double> a = {0, 1, 0, 1, 1, 0, 1}, twice = {0, 2, 0, 2, 2, 0, 2};
  const std::vector<Interval> means = BootstrapMeans({a, twice}, {.resamples = 300});
  EXPECT_EQ(means[1].low, 2 * means[0].low);
  EXPECT_EQ(means[1].high, 2 * means[0].high);
}

TEST(Bootstrap, OneQuestionHasNoWidth) {
  const std::vector<double> one = {0.25};
  EXPECT_EQ(BootstrapMeans({one}, {.resamples = 1})[0].low, 0.25);
  EXPECT_EQ(BootstrapMeans({one}, {.resamples = 1})[0].high, 0.25);
}

double MeanOf(const std::vector<double>& values, std::span<const int64_t> rows) {
  double sum = 0;
  for (const int64_t row : rows) sum += values[static_cast<size_t>(row)];
  return sum / static_cast<double>(rows.size());
}

TEST(Bootstrap, AnyScoreSeesTheResamplesOfTheMeans) {
  std::vector<double> values(41);
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::cos(static_cast<double>(i));
  const BootstrapOptions options{.resamples = 700, .confidence = 0.8, .seed = 5};
  const Interval mean = BootstrapMeans({values}, options)[0];
  const Interval score = BootstrapScore(
      41, [&](std::span<const int64_t> rows) { return MeanOf(values, rows); }, options);
  EXPECT_EQ(score.low, mean.low);
  EXPECT_EQ(score.high, mean.high);
}

TEST(Bootstrap, ResamplesWithoutAScoreDoNotCount) {
  const std::vector<double> values = {0, 1};
  const auto if_mixed = [&](std::span<const int64_t> rows) {
    return rows[0] == rows[1] ? std::nan("") : MeanOf(values, rows);
  };
  const Interval mixed = BootstrapScore(2, if_mixed, {.resamples = 50});
  EXPECT_EQ(mixed.low, 0.5);
  EXPECT_EQ(mixed.high, 0.5);
  EXPECT_TRUE(std::isnan(BootstrapScore(1, [](std::span<const int64_t>) { return std::nan(""); }).low));
  EXPECT_THROW(BootstrapScore(0, if_mixed), Error);
  EXPECT_THROW(BootstrapScore(2, if_mixed, {.resamples = 0}), Error);
}

TEST(Bootstrap, WrongOptionsAreRefused) {
  const std::vector<double> values = {0, 1}, longer = {0, 1, 2};
  EXPECT_THROW(BootstrapMeans({values}, {.resamples = 0}), Error);
  EXPECT_THROW(BootstrapMeans({values}, {.confidence = 1}), Error);
  EXPECT_THROW(BootstrapMeans({values}, {.confidence = std::nan("")}), Error);
  EXPECT_THROW(BootstrapMeans({values, longer}), Error);
  EXPECT_THROW(BootstrapMeans({std::span<const double>()}), Error);
  EXPECT_THROW(BootstrapDifference(values, longer), Error);
}

}  // namespace
}  // namespace bv
