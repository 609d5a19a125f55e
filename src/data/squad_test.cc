#include "data/squad.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/strings.h"
#include "base/testing.h"

namespace bv {
namespace {

using testing::AllOf;
using testing::HasSubstr;

QaData Read(const std::string& content, const SquadOptions& options = {}) {
  const test::ScratchFolder folder;
  WriteFileAtomically(folder / "d.json", content);
  return ReadSquad(folder / "d.json", options);
}

std::string ErrorOf(const std::string& content) {
  try {
    Read(content);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    return error.what();
  }
  return "(no error)";
}

// A file with one paragraph.
std::string File(const std::string& context, const std::string& qas) {
  return Cat(R"({"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": )",
             Json(context).dump(), R"(, "qas": [)", qas, "]}]}]}");
}

std::string Question(const std::string& id, const std::string& rest) {
  return Cat(R"({"id": ")", id, R"(", "question": "Who?")", rest.empty() ? "" : ", ", rest, "}");
}

std::string Answered(const std::string& id, const std::string& text, int64_t start) {
  return Question(id, Cat(R"("is_impossible": false, "answers": [{"text": )", Json(text).dump(),
                          R"(, "answer_start": )", start, "}]"));
}

TEST(Squad, OffsetsOfCodePointsBecomeBytes) {
  const QaData data =
      Read(File("Zoë met 漢字 😀 and Ann.", Answered("a", "Ann", 17) + "," + Answered("b", "漢字", 8)));
  ASSERT_EQ(data.examples.size(), 2u);
  for (const QaExample& example : data.examples) {
    const Answer& answer = example.answers.at(0);
    EXPECT_EQ(data.Context(example).substr(static_cast<size_t>(answer.begin), answer.text.size()),
              answer.text);
  }
  EXPECT_EQ(data.examples[0].title, "T");
  EXPECT_TRUE(data.has_answers);
  EXPECT_FALSE(data.has_impossible);
}

TEST(Squad, UnanswerableQuestionsAreDetectedAndExtraKeysDoNoHarm) {
  const QaData data =
      Read(File("Ann sings.", Question("a", R"("is_impossible": true, "answers": [], "answer_type": "person",
                       "plausible_answers": [{"text": "Ann", "answer_start": 0}], "note": {})") +
                                  "," + Answered("b", "Ann", 0)));
  EXPECT_TRUE(data.has_impossible);
  EXPECT_TRUE(data.has_answers);
  EXPECT_TRUE(data.examples[0].impossible);
  EXPECT_EQ(data.examples[0].answer_type, "person");
  EXPECT_FALSE(data.examples[1].impossible);
}

TEST(Squad, EmptyAnswerListsMeanNoAnswerAndMissingOnesAreNotAnnotated) {
  EXPECT_TRUE(Read(File("c", Question("a", R"("answers": [])"))).examples[0].impossible);
  EXPECT_TRUE(Read(File("c", Question("a", R"("answers": [])"))).has_answers);
  EXPECT_FALSE(Read(File("c", Question("a", ""))).has_answers);
  EXPECT_FALSE(Read(File("c", Question("a", R"("is_impossible": false, "answers": [])"))).has_answers);
  EXPECT_FALSE(Read(File("Ann", Answered("a", "Ann", 0) + "," + Question("b", ""))).has_answers);
}

TEST(Squad, WrongTypesGiveTheirPlace) {
  EXPECT_THAT(ErrorOf(R"({"data": [{"paragraphs": []}, {"paragraphs": {}}]})"),
              HasSubstr("d.json: 'data[1].paragraphs' is object, an array is needed"));
  EXPECT_THAT(ErrorOf(R"([1])"), HasSubstr("the top level is array"));
  EXPECT_THAT(ErrorOf(R"({"data": [3]})"), HasSubstr("'data[0]' is number"));
  EXPECT_THAT(ErrorOf(R"({"data": []})"), HasSubstr("holds no questions"));
  const std::string place = "'data[0].paragraphs[0].qas[1]";
  const std::string first = Question("a", "") + ",";
  EXPECT_THAT(ErrorOf(File("c", first + Question("b", R"("answers": [{"text": "c", "answer_start": "0"}])"))),
              HasSubstr(place + ".answers[0].answer_start' is string, a whole number is needed"));
  EXPECT_THAT(ErrorOf(File("c", first + Question("b", R"("answers": [{"text": "c", "answer_start": 0.5}])"))),
              HasSubstr(place + ".answers[0].answer_start' is number, a whole number is needed"));
  EXPECT_THAT(ErrorOf(File("c", first + Question("b", R"("answers": [{"answer_start": 0}])"))),
              HasSubstr("key " + place + ".answers[0].text' is missing"));
  EXPECT_THAT(ErrorOf(File("c", first + Question("b", R"("answers": {"text": []})"))),
              HasSubstr(place + ".answers' is object, an array is needed"));
  EXPECT_THAT(ErrorOf(File("c", first + Question("b", R"("is_impossible": "no")"))),
              HasSubstr(place + ".is_impossible' is string, true or false is needed"));
  EXPECT_THAT(ErrorOf(File("c", first + R"({"id": 7, "question": "q"})")),
              HasSubstr(place + ".id' is number"));
  EXPECT_THAT(ErrorOf(File("c", first + Question("a", ""))),
              AllOf(HasSubstr(place + ".id' is"), HasSubstr("which an earlier question has")));
  EXPECT_THAT(ErrorOf(File("c", Question("", ""))), HasSubstr(".id' is empty"));
  EXPECT_THAT(ErrorOf(File(" \n", Question("a", ""))), HasSubstr("'data[0].paragraphs[0].context' is empty"));
  EXPECT_THAT(ErrorOf(File("c", Question("a", R"("is_impossible": true,
                                                   "answers": [{"text": "c", "answer_start": 0}])"))),
              HasSubstr("is impossible, but its 'answers' are not empty"));
}

TEST(Squad, EveryTruncationOfAFileIsOneClearError) {
  const std::string whole = File("Ann sings.", Answered("a", "Ann", 0));
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(ErrorOf(whole.substr(0, size)), HasSubstr("not valid JSON")) << size;
  }
}

TEST(Squad, InvalidUtf8IsNamed) {
  EXPECT_THAT(ErrorOf("{\"data\": \"\xE9t\xE9\"}"), HasSubstr("d.json: byte 10 is not valid UTF-8"));
}

TEST(Squad, AMisplacedAnswerIsUsedWhereItsTextOccursOnce) {
  const QaData data = Read(File("Bob and Ann.", Answered("a", "Ann", 3) + "," + Answered("b", "Bob", -2)));
  EXPECT_EQ(data.examples[0].answers[0].begin, 8);
  EXPECT_EQ(data.examples[1].answers[0].begin, 0);
}

TEST(Squad, AnswersThatAreNowhereOrAmbiguousAreRefusedOrDropped) {
  const std::string both = Question("keeps-one", R"("answers": [{"text": "Ann", "answer_start": 3},
                                                                {"text": "Bob", "answer_start": 8}])");
  const std::string content =
      File("Ann Ann Bob", Answered("twice", "Ann", 1) + "," + Answered("never", "Eve", 0) + "," +
                              Answered("empty", "", 0) + "," + both);
  EXPECT_THAT(ErrorOf(content), AllOf(HasSubstr("nor exactly once in the context: 4; "),
                                      HasSubstr("first ids: twice, never, empty, keeps-one")));
  const QaData data = Read(content, {.skip_bad_answers = true});
  ASSERT_EQ(data.examples.size(), 1u);
  EXPECT_EQ(data.examples[0].id, "keeps-one");
  ASSERT_EQ(data.examples[0].answers.size(), 1u);
  EXPECT_EQ(data.examples[0].answers[0].text, "Bob");
  EXPECT_TRUE(data.has_answers);
}

TEST(Squad, QuestionsAloneAreReadWhateverTheirAnswersAre) {
  const auto questions = [](const std::string& qas) {
    return Read(File("Ann Ann Bob", qas), {.questions_only = true});
  };
  const std::string never = Answered("never", "Eve", 0), twice = Answered("twice", "Ann", 1);
  const std::string odd = Question("odd", R"("answers": [7])");
  const std::string both = Question("both", R"("is_impossible": true, "answers": [{"text": "x"}])");
  const QaData data = questions(never + "," + twice + "," + odd + "," + both);
  ASSERT_EQ(data.examples.size(), 4u);
  for (const QaExample& example : data.examples) {
    EXPECT_TRUE(example.answers.empty()) << example.id;
    EXPECT_EQ(example.impossible, example.id == "both") << example.id;
  }
  EXPECT_TRUE(data.has_answers);
  EXPECT_TRUE(data.has_impossible);
  EXPECT_FALSE(questions(never).has_impossible);
  EXPECT_TRUE(questions(Question("none", R"("answers": [])")).has_impossible);
  for (const char* rest :
       {"", R"("is_impossible": false)", R"("answers": "Ann")", R"("is_impossible": false, "answers": [])"}) {
    EXPECT_FALSE(questions(never + "," + Question("open", rest)).has_answers) << rest;
  }
}

TEST(Squad, OverlappingOccurrencesCountAsSeveral) {
  EXPECT_THAT(ErrorOf(File("xaaa", Answered("a", "aa", 0))),
              HasSubstr("nor exactly once in the context: 1; "));
}

TEST(Squad, AContextOfAMegabyteIsRead) {
  std::string context;
  while (context.size() < 1'000'000) context += "é word ";
  const int64_t start = CodePoints(context);
  const QaData data = Read(File(context + "needle.", Answered("a", "needle", start)));
  EXPECT_EQ(data.examples[0].answers[0].begin, static_cast<int64_t>(context.size()));
}

TEST(Squad, TheHashIsThatOfTheFile) {
  const std::string content = File("c", Question("a", ""));
  EXPECT_EQ(Read(content).hash, HashText(content));
}

TEST(Squad, RealFilesAreReadWhole) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no real data: set BERTVISION_DATA to a folder with squad2/";
  const QaData train = ReadSquad(*shared / "squad2" / "train-v2.0.json");
  const QaData dev = ReadSquad(*shared / "squad2" / "dev-v2.0.json");
  EXPECT_EQ(train.examples.size(), 4858u);
  EXPECT_EQ(std::count_if(train.examples.begin(), train.examples.end(), [](auto& e) { return e.impossible; }),
            2462);
  EXPECT_EQ(dev.examples.size(), 1220u);
  EXPECT_EQ(std::count_if(dev.examples.begin(), dev.examples.end(), [](auto& e) { return e.impossible; }),
            706);
  EXPECT_TRUE(train.has_answers && dev.has_answers && dev.has_impossible);
  for (const QaExample& example : train.examples) {
    for (const Answer& answer : example.answers) {
      ASSERT_EQ(
          train.Context(example).compare(static_cast<size_t>(answer.begin), answer.text.size(), answer.text),
          0);
    }
  }
}

}  // namespace
}  // namespace bv
