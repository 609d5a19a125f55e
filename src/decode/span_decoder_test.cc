#include "decode/span_decoder.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/error.h"
#include "base/json.h"

namespace bv {
namespace {

using testing::HasSubstr;

// Owns what WindowLogits points to.
struct Window {
  std::vector<float> start, end;
  std::vector<ByteRange> ranges;
  int32_t context_begin = 0, context_end = 0;
  WindowLogits View() const { return {start, end, ranges, context_begin, context_end}; }
};

Window FromJson(const Json& json) {
  Window window{json["start"], json["end"], {}, json["context_begin"], json["context_end"]};
  for (const Json& range : json["ranges"]) window.ranges.push_back({range[0], range[1]});
  return window;
}

DecodedAnswer Decode(const std::string& context, const std::vector<Window>& windows,
                     const DecodeOptions& options = {}) {
  std::vector<WindowLogits> views;
  views.reserve(windows.size());
  for (const Window& window : windows) views.push_back(window.View());
  return DecodeQuestion(context, views, options);
}

// "ab cd": [CLS] q [SEP] ab cd [SEP].
Window SmallWindow() {
  return {{0, 0, 0, 3, 1, 0}, {0, 0, 0, 1, 4, 0}, {{0, 0}, {0, 1}, {0, 0}, {0, 2}, {3, 5}, {0, 0}}, 3, 5};
}

std::string ErrorOf(ErrorKind kind, const Window& window, const DecodeOptions& options = {}) {
  try {
    Decode("ab cd", {window}, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  return "(no error)";
}

void ExpectEqual(const DecodedAnswer& found, const Json& expected) {
  EXPECT_EQ(found.text, expected["text"].get<std::string>());
  EXPECT_EQ(found.best_text, expected["best_text"].get<std::string>());
  EXPECT_EQ(found.range, (ByteRange{expected["range"][0], expected["range"][1]}));
  EXPECT_EQ(found.score, expected["score"].get<double>());
  EXPECT_EQ(found.null_score, expected["null_score"].get<double>());
  EXPECT_EQ(found.null_odds, expected["null_odds"].get<double>());
  ASSERT_EQ(found.n_best.size(), expected["n_best"].size());
  for (size_t i = 0; i < found.n_best.size(); ++i) {
    const SpanCandidate& entry = found.n_best[i];
    const Json& wanted = expected["n_best"][i];
    EXPECT_EQ(entry.text, wanted["text"].get<std::string>());
    EXPECT_EQ(entry.begin, wanted["begin"].get<int64_t>());
    EXPECT_EQ(entry.end, wanted["end"].get<int64_t>());
    EXPECT_EQ(entry.start_logit, wanted["start_logit"].get<double>());
    EXPECT_EQ(entry.end_logit, wanted["end_logit"].get<double>());
    EXPECT_NEAR(entry.probability, wanted["probability"].get<double>(), 1e-14);
  }
}

TEST(SpanDecoder, AgreesWithTheReferenceOnRandomQuestions) {
  const Json fixture =
      ReadJsonFile(std::filesystem::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/decode/questions.json");
  EXPECT_GE(fixture["cases"].size(), 25u);
  for (const Json& test : fixture["cases"]) {
    SCOPED_TRACE(test["name"].get<std::string>());
    const Json& question = fixture["questions"][test["question"].get<size_t>()];
    std::vector<Window> windows;
    for (const Json& window : question["windows"]) windows.push_back(FromJson(window));
    const Json& json = test["options"];
    DecodeOptions options{json["n_best"], json["max_answer_length"], json["null_threshold"]};
    if (json["null_max"]) options.null_score = DecodeOptions::kMax;
    options.allow_no_answer = json["allow_no_answer"];
    ExpectEqual(Decode(question["context"], windows, options), test["expected"]);
  }
}

TEST(SpanDecoder, AnswersAreEmptyOnlyAboveTheThreshold) {
  Window window = SmallWindow();
  window.start[0] = 8;
  const DecodedAnswer answer = Decode("ab cd", {window}, {.null_threshold = 1});
  EXPECT_EQ(answer.score, 7);
  EXPECT_EQ(answer.null_odds, 1);
  EXPECT_EQ(answer.text, "ab cd");
  const DecodedAnswer none = Decode("ab cd", {window}, {.null_threshold = 0.5});
  EXPECT_EQ(none.text, "");
  EXPECT_EQ(none.best_text, "ab cd");
  EXPECT_EQ(none.range, ByteRange{});
  EXPECT_EQ(Decode("ab cd", {window}, {.null_threshold = 0.5, .allow_no_answer = false}).text, "ab cd");
}

TEST(SpanDecoder, ProbabilitiesOfTheNBestSumToOneEvenForHugeLogits) {
  Window window = SmallWindow();
  window.start[3] = 3e38F;
  const DecodedAnswer answer = Decode("ab cd", {window});
  double sum = 0;
  for (const SpanCandidate& entry : answer.n_best) sum += entry.probability;
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_EQ(answer.n_best.back().text, "");
}

TEST(SpanDecoder, ALongContextIsDecodedFromItsBestPiece) {
  const int32_t n = 500'000;
  const std::string context(static_cast<size_t>(n), 'x');
  Window window;
  window.start.assign(static_cast<size_t>(n) + 1, 0);
  window.end = window.start;
  window.ranges.push_back({});
  for (int32_t i = 0; i < n; ++i) window.ranges.push_back({i, i + 1});
  window.context_begin = 1;
  window.context_end = n + 1;
  window.start[400'001] = window.end[400'004] = 5;
  EXPECT_EQ(Decode(context, {window}).range, (ByteRange{400'000, 400'004}));
}

TEST(SpanDecoder, LogitsThatAreNotFiniteAreRefusedWhereTheyCount) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    Window window = SmallWindow();
    window.end[4] = bad;
    EXPECT_THAT(ErrorOf(ErrorKind::kData, window), HasSubstr("window 0, piece 4: the logits are 1 and"));
    window = SmallWindow();
    window.start[0] = bad;
    EXPECT_THAT(ErrorOf(ErrorKind::kData, window), HasSubstr("window 0, piece 0"));
    window = SmallWindow();
    window.start[1] = bad;  // a piece of the question
    EXPECT_EQ(ErrorOf(ErrorKind::kData, window), "(no error)");
  }
}

TEST(SpanDecoder, OptionsOutOfRangeAndBrokenWindowsAreRefused) {
  EXPECT_THAT(ErrorOf(ErrorKind::kUsage, SmallWindow(), {.n_best = 0}), HasSubstr("n-best: 0"));
  EXPECT_THAT(ErrorOf(ErrorKind::kUsage, SmallWindow(), {.max_answer_length = 0}),
              HasSubstr("longest answer: 0"));
  EXPECT_THAT(ErrorOf(ErrorKind::kUsage, SmallWindow(), {.null_threshold = std::nan("")}),
              HasSubstr("null threshold"));
  Window window = SmallWindow();
  window.context_end = 7;
  EXPECT_THAT(ErrorOf(ErrorKind::kInternal, window), HasSubstr("context pieces 3 to 7"));
  window = SmallWindow();
  window.end.pop_back();
  EXPECT_THAT(ErrorOf(ErrorKind::kInternal, window), HasSubstr("5 end logits"));
  window = SmallWindow();
  window.ranges[4] = {3, 6};
  EXPECT_THAT(ErrorOf(ErrorKind::kInternal, window), HasSubstr("bytes 3 to 6 of a context of 5"));
  EXPECT_THROW(Decode("ab cd", {}), Error);
}

}  // namespace
}  // namespace bv
