#include "report/answer_browser.h"

#include <gtest/gtest.h>

#include "report/html_text.h"
#include "report/testing.h"

namespace bv {
namespace {

struct Scored {
  std::vector<ReportSystem> systems;
  DevData data;
  std::vector<AnswerScores> scores;

  AnswerBrowser Browser(const BrowserOptions& options) const {
    return MakeAnswerBrowser(systems, data, scores, options);
  }
};

Scored Fixtures() {
  Scored scored;
  scored.systems = {test::FixtureHead("heads-1/learned-pooling"),
                    test::FixtureHead("heads-0.3/learned-pooling")};
  ReadDetails(&scored.systems);
  scored.data = FindDevData(scored.systems, {});
  scored.scores = ScoreSystems(scored.systems, scored.data, {.resamples = 0}).groups;
  return scored;
}

TEST(AnswerBrowser, HoldsQuestionsAnswersAndPlacesInUtf16Units) {
  const AnswerBrowser browser = Fixtures().Browser({});
  EXPECT_EQ(browser.shown, 12);
  EXPECT_EQ(browser.total, 12);
  EXPECT_EQ(browser.json["contexts"].size(), 3u);
  const OrderedJson& first = browser.json["questions"][0];
  EXPECT_EQ(first["id"], "l1");
  EXPECT_EQ(first["context"], 0);
  // The island is two units and its variation selector one; the text before the name has 57 more characters.
  const std::string context = browser.json["contexts"][0]["text"];
  const auto characters = static_cast<int64_t>(context.find("Anna Lund")) - 7;
  EXPECT_EQ(first["gold"][0], OrderedJson::array({characters + 3, characters + 12}));
  EXPECT_EQ(first["answers"], OrderedJson::parse(R"([[0, "Anna Lund", 1, 1.0], [1, "Lund", 0, 0.667]])"));
  EXPECT_TRUE(browser.json["questions"][3]["gold"].empty());
}

TEST(AnswerBrowser, CapsQuestionsAndBytesAndKeepsTheOrder) {
  const Scored fixtures = Fixtures();
  const AnswerBrowser few = fixtures.Browser({.questions = 5});
  EXPECT_EQ(few.shown, 5);
  EXPECT_EQ(few.total, 12);
  const auto all = fixtures.Browser({}).json["questions"];
  size_t at = 0;
  for (const auto& question : few.json["questions"]) {
    while (at < all.size() && all[at]["id"] != question["id"]) ++at;
    ASSERT_LT(at, all.size());
  }
  const AnswerBrowser small = fixtures.Browser({.bytes = 1500});
  EXPECT_GT(small.shown, 0);
  EXPECT_LT(JsonForScript(small.json).size(), 2000u);
  EXPECT_EQ(fixtures.Browser({.questions = 0}).shown, 0);
}

TEST(AnswerBrowser, TheSameQuestionsAreDrawnWhicheverSystemsAreReported) {
  Scored fixtures = Fixtures();
  const auto ids = [](const AnswerBrowser& browser) {
    std::vector<std::string> result;
    for (const auto& question : browser.json["questions"]) result.push_back(question["id"]);
    return result;
  };
  const auto both = ids(fixtures.Browser({.questions = 4}));
  fixtures.systems.pop_back();
  fixtures.data = FindDevData(fixtures.systems, {});
  fixtures.scores = ScoreSystems(fixtures.systems, fixtures.data, {.resamples = 0}).groups;
  EXPECT_EQ(ids(fixtures.Browser({.questions = 4})), both);
}

}  // namespace
}  // namespace bv
