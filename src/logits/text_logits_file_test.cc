#include "logits/text_logits_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"
#include "metrics/task_scores.h"

namespace bv {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TaskExamples Texts() {
  TaskExamples examples;
  examples.task = {TaskKind::kClassification, "classification", {"no", "yes"}, true};
  examples.texts.file = "dev.tsv";
  examples.texts.hash = 7;
  examples.texts.pair = examples.texts.labelled = true;
  examples.texts.label_names = {"no", "yes"};
  examples.texts.examples = {{"a", "one", "Köln", 1}, {std::string("b\n\0c", 4), "", "", 0}};
  return examples;
}

TaskExamples Questions() {
  TaskExamples examples;
  examples.task = {TaskKind::kAnswerability, "answerability", {"answerable", "unanswerable"}};
  examples.questions.file = "dev.json";
  examples.questions.contexts = {"abc"};
  examples.questions.examples.resize(2);
  examples.questions.examples[0].id = "q0";
  examples.questions.examples[1].id = "q1";
  examples.questions.examples[1].question = "ab";
  examples.questions.examples[1].impossible = true;
  examples.questions.has_answers = true;
  return examples;
}

const LogitsWindows kWindows = {{.max_length = 128, .doc_stride = 64}, "00000000000000aa"};

std::string Said(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

TEST(TextLogitsFile, ComesBackWithIdsLabelsAndLengthsButWithoutTexts) {
  const test::ScratchFolder folder;
  const TextLogits logits = {2, {0.5F, -1, 2, 3}, {0, 1}};
  WriteTextLogits(folder.path(), Texts(), logits, kWindows);
  EXPECT_EQ(KindOfLogits(folder.path()), LogitsKind::kTexts);
  const StoredTextLogits read = ReadTextLogits(folder.path());
  EXPECT_EQ(read.examples.task, Texts().task);
  EXPECT_EQ(read.examples.Id(1), Texts().Id(1));
  EXPECT_EQ(read.examples.hash(), 7u);
  EXPECT_EQ(GoldValue(read.examples, 0), 1);
  EXPECT_TRUE(read.examples.labelled());
  EXPECT_EQ(read.examples.texts.examples[0].text_a, "");
  EXPECT_THAT(read.lengths, ElementsAre(7, 0));
  EXPECT_THAT(read.groups, ElementsAre(0, 1));
  EXPECT_EQ(read.logits.logits, logits.logits);
  EXPECT_EQ(read.windows.cut.max_length, 128);
}

TEST(TextLogitsFile, QuestionsKeepAllTheirWindowsAndTheirContexts) {
  const test::ScratchFolder folder;
  WriteTextLogits(folder.path(), Questions(), {2, {1, 0, 0, 1, 0, 3}, {0, 0, 1}}, kWindows);
  const StoredTextLogits read = ReadTextLogits(folder.path());
  EXPECT_THAT(read.lengths, ElementsAre(3, 5));
  EXPECT_THAT(read.groups, ElementsAre(0, 0));
  EXPECT_THAT(DecideTexts(read.examples, read.logits).values, ElementsAre(0, 1));
  EXPECT_EQ(GoldValue(read.examples, 1), 1);
}

TEST(TextLogitsFile, WithoutLabelsThereAreNone) {
  const test::ScratchFolder folder;
  TaskExamples examples = Texts();
  examples.texts.labelled = false;
  WriteTextLogits(folder.path(), examples, {2, {0, 1, 2, 3}, {0, 1}}, kWindows);
  EXPECT_FALSE(ReadTextLogits(folder.path()).examples.labelled());
}

TEST(TextLogitsFile, DamageIsFound) {
  const test::ScratchFolder folder;
  WriteTextLogits(folder.path(), Texts(), {2, {0.5F, -1, 2, 3}, {0, 1}}, kWindows);
  std::string bytes = ReadFile(folder / kLogitsFile);
  bytes.back() ^= 1;
  WriteFileAtomically(folder / kLogitsFile, bytes);
  EXPECT_THAT(Said([&] { ReadTextLogits(folder.path()); }), HasSubstr("does not fit its checksum"));
  // Consistent with its checksum, and wrong all the same: an example without a window.
  WriteTextLogits(folder.path(), Texts(), {2, {0.5F, -1}, {0}}, kWindows);
  EXPECT_THAT(Said([&] { ReadTextLogits(folder.path()); }), HasSubstr("last examples have no window"));
  WriteTextLogits(folder.path(), Texts(), {2, {0, 1, 2, 3, 4, 5}, {0, 1, 0}}, kWindows);
  EXPECT_THAT(Said([&] { ReadTextLogits(folder.path()); }), HasSubstr("does not count the examples up"));
  EXPECT_THAT(Said([&] { ReadLogits(folder.path()); }), HasSubstr("its run classifies texts"));
}

TEST(RequireSameRows, RefusesOtherTasksLabelsRowsAndData) {
  const TextLogits logits = {2, {0, 1, 2, 3}, {0, 1}};
  const StoredTextLogits a = {Texts(), {7, 0}, {0, 1}, logits, kWindows};
  const auto with = [&](const std::function<void(StoredTextLogits*)>& change) {
    StoredTextLogits b = a;
    change(&b);
    return Said([&] { RequireSameRows(a, "runs/a", b, "runs/b"); });
  };
  EXPECT_EQ(with([](StoredTextLogits*) {}), "nothing");
  EXPECT_THAT(with([](StoredTextLogits* b) {
                b->examples.task.labels = {"no", "maybe"};
              }),
              HasSubstr("the task is"));
  EXPECT_THAT(with([](StoredTextLogits* b) { b->examples.task.name = "rte"; }), HasSubstr("in runs/b"));
  EXPECT_THAT(with([](StoredTextLogits* b) { b->examples.texts.hash = 8; }), HasSubstr("hash of the data"));
  EXPECT_THAT(with([](StoredTextLogits* b) { b->examples.texts.examples.pop_back(); }),
              HasSubstr("number of rows is 2 in runs/a, but 1 in runs/b"));
  EXPECT_THAT(with([](StoredTextLogits* b) { b->examples.texts.examples[0].id = "x"; }),
              HasSubstr("id of a row"));
  EXPECT_THAT(with([](StoredTextLogits* b) { b->examples.texts.examples[0].label = 0; }),
              HasSubstr("labelling"));
}

}  // namespace
}  // namespace bv
