#include <gmock/gmock.h>

#include "base/error.h"
#include "base/testing.h"
#include "data/squad.h"

namespace bv {
namespace {

using testing::HasSubstr;

QaData Read(const std::string& content) {
  const test::ScratchFolder folder;
  WriteFileAtomically(folder / "q.jsonl", content);
  return ReadQaJsonl(folder / "q.jsonl");
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

TEST(QaJsonl, LinesBecomeQuestionsAndEqualContextsAreStoredOnce) {
  const QaData data = Read(
      "{\"question\": \"Who?\", \"context\": \"Ann.\"}\r\n"
      "\n"
      "{\"id\": \"x\", \"question\": \"What?\", \"context\": \"Bread.\", \"more\": [1]}\n"
      "{\"question\": \"Whom?\", \"context\": \"Ann.\"}");
  ASSERT_EQ(data.examples.size(), 3u);
  EXPECT_EQ(data.contexts, (std::vector<std::string>{"Ann.", "Bread."}));
  EXPECT_EQ(data.examples[0].id, "1");
  EXPECT_EQ(data.examples[1].id, "x");
  EXPECT_EQ(data.examples[2].id, "4");
  EXPECT_EQ(data.Context(data.examples[2]), "Ann.");
  EXPECT_FALSE(data.has_answers);
}

TEST(QaJsonl, ErrorsNameTheLine) {
  const std::string good = "{\"question\": \"q\", \"context\": \"c\"}\n";
  EXPECT_THAT(ErrorOf(good + "{\"question\": 3, \"context\": \"c\"}"),
              HasSubstr("q.jsonl:2: 'question' is number"));
  EXPECT_THAT(ErrorOf(good + "{\"question\": \"q\"}"), HasSubstr(":2: key 'context' is missing"));
  EXPECT_THAT(ErrorOf(good + "{\"question\": \"q\", \"context\": \" \"}"),
              HasSubstr(":2: 'context' is empty"));
  EXPECT_THAT(ErrorOf(good + "{\"question\": \"q\", "), HasSubstr(":2: not valid JSON"));
  EXPECT_THAT(ErrorOf(good + "[]"), HasSubstr(":2: the top level is array"));
  EXPECT_THAT(ErrorOf(good + "{\"id\": \"1\", \"question\": \"q\", \"context\": \"c\"}"),
              HasSubstr(":2: id '1' belongs to an earlier line"));
  EXPECT_THAT(ErrorOf(good + "{\"question\": \"\xFF\", \"context\": \"c\"}"),
              HasSubstr(":2: byte 14 of the line is not valid UTF-8"));
  EXPECT_THAT(ErrorOf("\n \n"), HasSubstr("holds no questions"));
}

TEST(QaJsonl, TheNameOfAFileTellsSquadFromJsonl) {
  const test::ScratchFolder folder;
  WriteFileAtomically(
      folder / "a.json",
      R"({"data": [{"paragraphs": [{"context": "c", "qas": [{"id": "i", "question": "q"}]}]}]})");
  WriteFileAtomically(folder / "a.jsonl", R"({"question": "q", "context": "c"})");
  EXPECT_EQ(ReadQuestions(folder / "a.json").examples[0].id, "i");
  EXPECT_EQ(ReadQuestions(folder / "a.jsonl").examples[0].id, "1");
}

}  // namespace
}  // namespace bv
