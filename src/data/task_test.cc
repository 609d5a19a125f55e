#include "data/task.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/testing.h"

namespace bv {
namespace {

using test::MessageOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Task, ComesBackFromJsonAndRefusesLabelsThatDoNotGoWithItsKind) {
  const Task tasks[] = {{},
                        {TaskKind::kAnswerability, "answerability", {"answerable", "unanswerable"}},
                        {TaskKind::kClassification, "mnli", {"neutral", "entailment", "contradiction"}},
                        {TaskKind::kRegression, "sts-b", {}}};
  for (const Task& task : tasks) EXPECT_EQ(TaskFromJson(Json::parse(TaskToJson(task).dump()), "f"), task);
  const auto message = [](const char* text) {
    return MessageOf([&] { TaskFromJson(Json::parse(text), "f"); });
  };
  EXPECT_THAT(message(R"({"kind": "tagging", "name": "x", "labels": []})"),
              HasSubstr("task.kind is 'tagging'"));
  EXPECT_THAT(message(R"({"kind": "span", "name": "x", "labels": []})"), HasSubstr("task.name is 'x'"));
  EXPECT_THAT(message(R"({"kind": "span", "name": "sts-b", "labels": []})"),
              HasSubstr("task.name is 'sts-b', which does not go with the kind span"));
  EXPECT_THAT(message(R"({"kind": "classification", "name": "classification", "labels": ["a"]})"),
              HasSubstr("has 1 entries"));
  EXPECT_THAT(message(R"({"kind": "classification", "name": "classification", "labels": ["a", "b", "a"]})"),
              HasSubstr("task.labels has 'a' twice"));
  EXPECT_THAT(message(R"({"kind": "regression", "name": "regression", "labels": ["a", "b"]})"),
              HasSubstr("has 2 entries"));
  EXPECT_THAT(message(R"({"kind": "span", "name": "squad", "labels": [1]})"), HasSubstr("a list of texts"));
  EXPECT_THAT(message(R"({"kind": "span", "name": "squad"})"), HasSubstr("labels"));
}

TEST(Task, OutputsFollowTheKind) {
  EXPECT_EQ(Task{}.outputs(), 2);
  EXPECT_EQ((Task{TaskKind::kClassification, "x", {"a", "b", "c"}}).outputs(), 3);
  EXPECT_EQ((Task{TaskKind::kRegression, "x", {}}).outputs(), 1);
}

TEST(Task, AutoGoesByTheNameOfTheFile) {
  EXPECT_EQ(TaskNameFor("dev.json", "auto"), "squad");
  EXPECT_EQ(TaskNameFor("dev.tsv", "auto"), "classification");
  EXPECT_EQ(TaskNameFor("dev.json", "answer-type"), "answer-type");
  EXPECT_TRUE(IsQuestionTask("answerability"));
  EXPECT_FALSE(IsQuestionTask("answer-type"));
}

const char* const kSquad =
    R"({"version": "v2.0", "data": [{"title": "t", "paragraphs": [{"context": "Anna built it in 1742.",
  "qas": [{"id": "a", "question": "Who?", "is_impossible": false, "answer_type": "person",
           "answers": [{"text": "Anna", "answer_start": 0}]},
          {"id": "b", "question": "When?", "is_impossible": false, "answer_type": "date",
           "answers": [{"text": "1742", "answer_start": 17}]},
          {"id": "c", "question": "Why?", "is_impossible": true, "answer_type": "reason", "answers": []}]}]}]})";

TEST(TaskExamples, OneFileServesSeveralTasks) {
  const test::ScratchFolder folder;
  WriteFileAtomically(folder / "d.json", kSquad);
  TaskOptions options;
  const TaskExamples spans = ReadTaskExamples(folder / "d.json", options);
  EXPECT_TRUE(spans.task.of_spans());
  EXPECT_EQ(spans.size(), 3);
  options.name = "answerability";
  const TaskExamples answerable = ReadTaskExamples(folder / "d.json", options);
  EXPECT_THAT(answerable.task.labels, ElementsAre("answerable", "unanswerable"));
  EXPECT_EQ(answerable.Id(2), "c");
  options.name = "answer-type";
  const TaskExamples types = ReadTaskExamples(folder / "d.json", options);
  EXPECT_EQ(types.task.kind, TaskKind::kClassification);
  EXPECT_THAT(types.task.labels, ElementsAre("date", "person", "reason"));
  EXPECT_EQ(types.texts.examples[0].text_a, "Who?");
  EXPECT_TRUE(types.labelled());
  options.name = "tagging";
  EXPECT_THAT(MessageOf([&] { ReadTaskExamples(folder / "d.json", options); }), HasSubstr("'tagging'"));
}

TEST(TaskExamples, ALimitKeepsTheFirstAndWhatBelongsToThem) {
  const test::ScratchFolder folder;
  WriteFileAtomically(folder / "d.json", kSquad);
  TaskExamples spans = ReadTaskExamples(folder / "d.json", {});
  LimitExamples(&spans, 2);
  EXPECT_EQ(spans.size(), 2);
  EXPECT_FALSE(spans.questions.has_impossible);
  const TaskExamples picked = PickExamples(spans, {1});
  EXPECT_EQ(picked.Id(0), spans.Id(1));
  EXPECT_EQ(picked.questions.contexts, spans.questions.contexts);
  LimitExamples(&spans, 0);
  EXPECT_EQ(spans.size(), 2);
  WriteFileAtomically(folder / "d.tsv", "text\tlabel\na\tx\nb\ty\nc\tx\n");
  TaskExamples texts = ReadTaskExamples(folder / "d.tsv", {});
  EXPECT_EQ(PickExamples(texts, {2, 0}).texts.examples[0].text_a, "c");
  EXPECT_EQ(PickExamples(texts, {2, 0}).size(), 2);
  LimitExamples(&texts, 2);
  EXPECT_EQ(texts.size(), 2);
}

}  // namespace
}  // namespace bv
