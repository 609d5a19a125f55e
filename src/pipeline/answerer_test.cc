#include "bertvision/answerer.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/testing.h"
#include "pipeline/span_system.h"

namespace bertvision {
namespace {

using bv::test::MessageOf;
using testing::HasSubstr;

const std::filesystem::path kModel = std::filesystem::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert/qa";
const std::string kTower = "the king was in the tower of the city";

AnswererOptions Answering(double null_threshold) {
  AnswererOptions options;
  options.null_threshold = null_threshold;
  options.threads = 1;
  return options;
}

TEST(Answerer, SaysWhatTheSystemBeneathItSays) {
  const auto system = bv::SpanSystem::Load({kModel});
  bv::DecodeOptions decode = system.decode();
  decode.null_threshold = 1000;
  const auto wanted = system.Answer(bv::OneQuestion("who was in the tower?", kTower), decode, 1)[0][0];
  const Answerer answerer(kModel, Answering(1000));
  const Answer got = answerer.Ask("who was in the tower?", kTower);
  EXPECT_EQ(got.text, wanted.text);
  EXPECT_FALSE(got.text.empty());
  EXPECT_EQ(kTower.substr(static_cast<size_t>(got.begin), static_cast<size_t>(got.end - got.begin)),
            got.text);
  EXPECT_EQ(got.score, wanted.score);
  EXPECT_EQ(got.null_score, wanted.null_score);
  ASSERT_EQ(got.candidates.size(), wanted.n_best.size());
  for (size_t i = 0; i < got.candidates.size(); ++i) {
    EXPECT_EQ(got.candidates[i].text, wanted.n_best[i].text);
    EXPECT_EQ(got.candidates[i].probability, wanted.n_best[i].probability);
    EXPECT_EQ(got.candidates[i].begin, wanted.n_best[i].begin);
    EXPECT_EQ(got.candidates[i].end, wanted.n_best[i].end);
  }
  EXPECT_EQ(answerer.fingerprint(), system.fingerprint());
}

TEST(Answerer, TheThresholdDecidesWhetherThereIsAnAnswer) {
  const Answer none = Answerer(kModel, Answering(-1000)).Ask("who was in the tower?", kTower);
  EXPECT_EQ(none.text, "");
  EXPECT_EQ(none.begin, none.end);
}

TEST(Answerer, QuestionsAskedTogetherGetTheirOwnAnswersInTheirOrder) {
  const Answerer answerer(kModel, Answering(1000));
  const std::string river = "a bridge is in the city of the river, what a year";
  const std::vector<Question> questions = {
      {"who was in the tower?", kTower}, {"where is the river?", kTower}, {"where is the river?", river}};
  const auto together = answerer.Ask(questions);
  ASSERT_EQ(together.size(), 3U);
  for (size_t i = 0; i < questions.size(); ++i) {
    const Answer alone = answerer.Ask(questions[i].question, questions[i].context);
    EXPECT_EQ(together[i].text, alone.text) << i;
    EXPECT_NEAR(together[i].score, alone.score, 1e-4) << i;
  }
  EXPECT_TRUE(answerer.Ask(std::vector<Question>()).empty());
}

TEST(Answerer, ThreadsMayShareOne) {
  const Answerer answerer(kModel, Answering(1000));
  const Answer wanted = answerer.Ask("who was in the tower?", kTower);
  std::vector<Answer> answers(4);
  std::vector<std::thread> threads;
  threads.reserve(answers.size());
  for (auto& answer : answers)
    threads.emplace_back([&] { answer = answerer.Ask("who was in the tower?", kTower); });
  for (auto& thread : threads) thread.join();
  for (const auto& answer : answers) EXPECT_EQ(answer.score, wanted.score);
}

TEST(Answerer, ErrorsSayWhatIsWrong) {
  EXPECT_THAT(MessageOf([] { Answerer("nowhere"); }), HasSubstr("no run at 'nowhere'"));
  AnswererOptions options;
  options.precision = "fp64";
  EXPECT_THAT(MessageOf([&] { Answerer(kModel, options); }), HasSubstr("fp64"));
  const Answerer answerer(kModel, Answering(0));
  EXPECT_EQ(MessageOf([&] { answerer.Ask(" ", kTower); }), "question 1: the question is empty");
  EXPECT_EQ(MessageOf([&] {
              answerer.Ask({{"who?", kTower}, {"who?", "an\xff"}});
            }),
            "question 2: the context is not UTF-8 at byte 2");
}

}  // namespace
}  // namespace bertvision
