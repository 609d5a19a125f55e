#include "decode/paper_decoder.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace bv {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kContext = "Rome is old";
// [CLS] who [SEP] Rome is old [SEP]
const std::vector<int32_t> kIds = {101, 40, 102, 50, 51, 52, 102};
const std::vector<ByteRange> kRanges = {{0, 0}, {0, 3}, {0, 0}, {0, 4}, {5, 7}, {8, 11}, {0, 0}};

using Scores = std::vector<float>;

PaperWindow Window(const Scores& start, const Scores& end) {
  return {start, end, kIds, kRanges, 3, 6};
}

PaperAnswer One(const Scores& start, const Scores& end) {
  return DecodePaperQuestion(kContext, std::vector<PaperWindow>{Window(start, end)});
}

// A high logit at one piece, `low` elsewhere.
Scores Peak(size_t piece, float high = 5, float low = 0) {
  Scores scores(kIds.size(), low);
  scores[piece] = high;
  return scores;
}

TEST(PaperDecoder, TheBestStartAndTheBestEndMakeTheAnswer) {
  const PaperAnswer answer = One(Peak(3), Peak(4));
  EXPECT_THAT(answer.pieces, ElementsAre(50, 51));
  EXPECT_EQ(answer.text, "Rome is");
  EXPECT_EQ(answer.range, (ByteRange{0, 7}));
  const double probability = std::exp(5) / (std::exp(5) + 6);
  EXPECT_NEAR(answer.score, probability * probability, 1e-12);
}

TEST(PaperDecoder, EqualLogitsAreTakenAtTheirFirstPiece) {
  Scores start = Peak(4), end = Peak(5);
  start[3] = 5;
  end[4] = 5;
  const PaperAnswer answer = One(start, end);
  EXPECT_EQ(answer.start, 3);
  EXPECT_EQ(answer.end, 4);
}

TEST(PaperDecoder, AnEndBeforeTheStartIsNoAnswerAndSoIsClsAlone) {
  EXPECT_THAT(One(Peak(5), Peak(3)).pieces, IsEmpty());
  EXPECT_EQ(One(Peak(5), Peak(3)).text, "");
  EXPECT_THAT(One(Peak(0), Peak(0)).pieces, IsEmpty());
  EXPECT_THAT(One(Peak(3), Peak(3)).pieces, ElementsAre(50));
}

TEST(PaperDecoder, SpansMayLeaveTheContextAndTheirTextDoesNot) {
  const PaperAnswer whole = One(Peak(0), Peak(4));
  EXPECT_THAT(whole.pieces, ElementsAre(101, 40, 102, 50, 51));
  EXPECT_EQ(whole.text, "Rome is");
  const PaperAnswer question = One(Peak(1), Peak(2));
  EXPECT_THAT(question.pieces, ElementsAre(40, 102));
  EXPECT_EQ(question.text, "");
  EXPECT_EQ(One(Peak(5), Peak(6)).text, "old");
}

TEST(PaperDecoder, TheSurestWindowWinsEvenWithoutAnAnswer) {
  const Scores sure = Peak(0, 9), unsure = Peak(3, 2);
  const std::vector<PaperWindow> windows = {Window(unsure, unsure), Window(sure, sure)};
  const PaperAnswer answer = DecodePaperQuestion(kContext, windows);
  EXPECT_EQ(answer.window, 1);
  EXPECT_THAT(answer.pieces, IsEmpty());
}

TEST(PaperDecoder, SoftmaxesAreOfAWindowSoThatHighLogitsAloneDoNotWin) {
  // The second window's logits are higher and its softmax is flatter.
  const Scores flat = Peak(4, 20, 19);
  const Scores sharp = Peak(3, 3, -5);
  const std::vector<PaperWindow> windows = {Window(sharp, sharp), Window(flat, flat)};
  EXPECT_EQ(DecodePaperQuestion(kContext, windows).text, "Rome");
}

TEST(PaperDecoder, TheFirstOfEquallySureWindowsWins) {
  const Scores first = Peak(3), second = Peak(4);
  const std::vector<PaperWindow> windows = {Window(first, first), Window(second, second)};
  EXPECT_EQ(DecodePaperQuestion(kContext, windows).window, 0);
}

TEST(PaperDecoder, ProbabilitiesOfEnsemblesAreNotNormalisedAgain) {
  const Scores small = {0, 0, 0, 0.9F, 0, 0, 0.1F}, large = {0, 0, 0, 0, 0.8F, 0.8F, 0.4F};
  const Scores other = {0, 0, 0, 0, 1.2F, 0.8F, 0};
  const std::vector<PaperWindow> windows = {Window(small, small), Window(large, other)};
  const PaperAnswer answer = DecodePaperQuestion(kContext, windows, PaperScores::kProbabilities);
  EXPECT_EQ(answer.text, "is");
  EXPECT_NEAR(answer.score, 0.8 * 1.2, 1e-6);
}

TEST(PaperDecoder, BrokenInputIsNamed) {
  Scores bad = Peak(3);
  bad[6] = std::numeric_limits<float>::quiet_NaN();
  try {
    One(Peak(3), bad);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    EXPECT_THAT(error.what(), HasSubstr("window 0, piece 6"));
  }
  EXPECT_THROW(DecodePaperQuestion(kContext, {}), Error);
  EXPECT_THROW(One(Peak(3), Scores(3)), Error);
  const Scores scores = Peak(3);
  EXPECT_THROW(DecodePaperQuestion("Rome", std::vector<PaperWindow>{Window(scores, scores)}), Error);
}

}  // namespace
}  // namespace bv
