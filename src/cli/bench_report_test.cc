#include "cli/bench_report.h"

#include <gmock/gmock.h>

namespace bv::cli {
namespace {

using bench::BenchResult;
using bench::EncoderRate;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

EncoderRate Rate(double tokens_per_second) {
  EncoderRate rate;
  rate.windows = 4;
  rate.tokens = 128;
  rate.tokens_per_second = {{tokens_per_second, tokens_per_second / 2, tokens_per_second * 2}};
  rate.multiply_adds_per_token = 500;
  return rate;
}

bench::PrecisionRates OfPrecision(Precision precision, double tokens_per_second) {
  bench::PrecisionRates rates;
  rates.precision = precision;
  rates.limit.rows = 64;
  rates.limit.shapes = {{{10, 10}, {10, 10}, {10, 10}, {10, 10}}};
  rates.limit.rows_per_second = {{{{1e4}}, {{1e4}}, {{1e4}}, {{1e4}}}};  // 1e6 multiply-adds a second
  rates.lengths = {{32, Rate(tokens_per_second)}};
  rates.data = Rate(tokens_per_second / 10);
  return rates;
}

BenchResult Everything() {
  BenchResult result;
  result.precisions = {OfPrecision(Precision::kFp32, 1000), OfPrecision(Precision::kBf16, 1500)};
  result.store.emplace();
  result.store->windows = 40;
  result.store->tokens = 800;
  result.store->bytes = 3 << 20;
  result.store->write = {{1.5e9}};
  result.store->read = {{4e9}};
  result.store->train = {{600}};
  return result;
}

BenchSubject Subject(bool with_data) {
  BenchSubject subject;
  subject.model = "some/model";
  subject.config.num_layers = 6;
  subject.config.hidden_size = 384;
  subject.threads = 2;
  if (with_data) subject.data = BenchedData{"folder/train.json", 1200, 6000, 9'000'000, 0.5};
  return subject;
}

std::vector<std::string> Keys(const OrderedJson& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

TEST(BenchReport, JsonHasEveryFigureUnderAKeyOfItsOwn) {
  const OrderedJson json = BenchJson(Subject(true), Everything());
  EXPECT_THAT(Keys(json), ElementsAre("model", "layers", "hidden", "intermediate", "machine", "precisions",
                                      "store", "forecast"));
  const OrderedJson& bf16 = json["precisions"]["bf16"];
  EXPECT_DOUBLE_EQ(bf16["limit"]["multiply_adds_per_second"], 1e6);
  EXPECT_DOUBLE_EQ(bf16["limit"]["products"][0]["multiply_adds_per_second"], 1e6);
  EXPECT_EQ(bf16["lengths"][0]["length"], 32);
  EXPECT_DOUBLE_EQ(bf16["lengths"][0]["tokens_per_second"], 1500);
  EXPECT_DOUBLE_EQ(bf16["lengths"][0]["slowest"], 750);
  EXPECT_DOUBLE_EQ(bf16["lengths"][0]["share_of_limit"], 1500 * 500 / 1e6);
  EXPECT_DOUBLE_EQ(bf16["data"]["tokens_per_second"], 150);
  EXPECT_DOUBLE_EQ(json["store"]["write"]["bytes_per_second"], 1.5e9);
  EXPECT_DOUBLE_EQ(json["store"]["train"]["windows_per_second"], 600);
  EXPECT_EQ(json["store"]["train"]["head"], "adapter-64-shared-skip");
}

TEST(BenchReport, TheForecastIsForAllOfTheFile) {
  const OrderedJson forecast = BenchJson(Subject(true), Everything())["forecast"];
  EXPECT_DOUBLE_EQ(forecast["extract_seconds"]["fp32"], 60);
  EXPECT_DOUBLE_EQ(forecast["extract_seconds"]["bf16"], 40);
  EXPECT_DOUBLE_EQ(forecast["train_epoch_seconds"], 2);
  EXPECT_EQ(forecast["bytes"], 9'000'000);
}

TEST(BenchReport, WhatWasNotMeasuredIsLeftOut) {
  BenchResult result = Everything();
  result.store.reset();
  for (auto& rates : result.precisions) rates.data.reset();
  EXPECT_THAT(Keys(BenchJson(Subject(false), result)), Not(testing::Contains("store")));
  EXPECT_THAT(Keys(BenchJson(Subject(false), result)), Not(testing::Contains("forecast")));
  EXPECT_THAT(Keys(BenchJson(Subject(true), result)["forecast"]), Not(testing::Contains("extract_seconds")));
  EXPECT_THAT(BenchText(Subject(false), result), Not(HasSubstr("GB/s")));
}

TEST(BenchReport, TextHasARowForEachPrecisionAndLength) {
  const std::string text = BenchText(Subject(true), Everything());
  EXPECT_THAT(text, HasSubstr("some/model: 6 layers, 384 wide"));
  EXPECT_THAT(text, testing::ContainsRegex("bf16 +32 tokens +1,500 +750 +3,000 +3 +75.0\n"));
  EXPECT_THAT(text, testing::ContainsRegex("fp32 +train.json +100 "));
  EXPECT_THAT(text, HasSubstr("1.50 GB/s, synced"));
  EXPECT_THAT(text, HasSubstr("600 windows/s, adapter-64-shared-skip"));
  EXPECT_THAT(text, HasSubstr("about 1 min"));
  EXPECT_EQ(text.back(), '\n');
  EXPECT_THAT(text, Not(testing::EndsWith("\n\n")));
}

}  // namespace
}  // namespace bv::cli
