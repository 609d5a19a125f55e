#include "logits/logits_file.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/testing.h"

namespace bv {
namespace {

using testing::HasSubstr;

constexpr const char* kData =
    R"({"version": "v2.0", "data": [{"title": "t", "paragraphs": [{"context": "Rome is old",
  "qas": [{"id": "a", "question": "q", "answers": [{"text": "Rome", "answer_start": 0}], "is_impossible": false},
          {"id": "b", "question": "q", "answers": [], "is_impossible": true}]}]}]})";

SpanLogits Logits() {
  SpanLogits logits;
  logits.start = {1, 2, 3, 4, 5};
  logits.end = {-1, -2, -3, -4, -5};
  logits.ranges = {{0, 0}, {0, 4}, {0, 0}, {0, 0}, {5, 7}};
  logits.offsets = {0, 3, 5};
  logits.example = {0, 1};
  logits.window = {0, 1};
  logits.context = {1, 2, 1, 2};
  return logits;
}

class LogitsFile : public testing::Test {
 protected:
  LogitsFile() {
    WriteFileAtomically(data_, kData);
    origin_ = OriginOf(ReadSquad(data_), {{48, 8}, "00000000000000ff"});
  }
  std::string ErrorOf() const {
    try {
      ReadLogits(folder_.path());
    } catch (const Error& error) {
      return error.what();
    }
    return "(no error)";
  }
  test::ScratchFolder folder_;
  fs::path data_ = folder_.path() / "dev.json";
  LogitsOrigin origin_;
};

TEST_F(LogitsFile, ComesBackAsItWasWritten) {
  WriteLogits(folder_.path(), Logits(), origin_, {7, 5, -1.25, DecodeOptions::kMax, false});
  const StoredLogits read = ReadLogits(folder_.path());
  EXPECT_EQ(read.logits.start, Logits().start);
  EXPECT_EQ(read.logits.end, Logits().end);
  EXPECT_EQ(read.logits.ranges, Logits().ranges);
  EXPECT_EQ(read.logits.offsets, Logits().offsets);
  EXPECT_EQ(read.logits.example, Logits().example);
  EXPECT_EQ(read.logits.window, Logits().window);
  EXPECT_EQ(read.logits.context, Logits().context);
  EXPECT_EQ(read.origin.windows.cut.max_length, 48);
  EXPECT_EQ(read.origin.windows.cut.doc_stride, 8);
  EXPECT_EQ(read.decode.n_best, 7);
  EXPECT_EQ(read.decode.max_answer_length, 5);
  EXPECT_EQ(read.decode.null_threshold, -1.25);
  EXPECT_EQ(read.decode.null_score, DecodeOptions::kMax);
  EXPECT_FALSE(read.decode.allow_no_answer);
  RequireSameWindows(origin_, "a", read.origin, "b");
  EXPECT_EQ(ReadQuestionsOf(read.origin, "", "run").examples.size(), 2u);
}

TEST_F(LogitsFile, ThoseOfTheStudysDecoderKeepPiecesAndRule) {
  SpanLogits logits = Logits();
  logits.ids = {2, 7, 3, 2, 9};
  origin_.windows.cut = {
      .max_length = 40, .doc_stride = 9, .rule = WindowRule::kPaper, .question_limit = 5, .pad_to = 44};
  DecodeOptions decode;
  decode.decoder = DecodeOptions::kPaperCombined;
  WriteLogits(folder_.path(), logits, origin_, decode);
  const StoredLogits read = ReadLogits(folder_.path());
  EXPECT_EQ(read.logits.ids, logits.ids);
  EXPECT_EQ(read.decode.decoder, DecodeOptions::kPaperCombined);
  EXPECT_EQ(read.origin.windows.cut.rule, WindowRule::kPaper);
  EXPECT_EQ(read.origin.windows.cut.doc_stride, 9);
  EXPECT_EQ(read.origin.windows.cut.question_limit, 5);
  EXPECT_EQ(read.origin.windows.cut.pad_to, 44);
  LogitsOrigin other = origin_;
  other.windows.cut.rule = WindowRule::kHf;
  EXPECT_THROW(RequireSameWindows(origin_, "a", other, "b"), Error);
  other = origin_;
  other.windows.cut.pad_to = 0;
  EXPECT_THROW(RequireSameWindows(origin_, "a", other, "b"), Error);
}

TEST_F(LogitsFile, AnyChangedByteIsNoticed) {
  WriteLogits(folder_.path(), Logits(), origin_, {});
  const fs::path file = folder_.path() / kLogitsFile;
  const std::string content = ReadFile(file);
  for (size_t place = content.size() - 100; place < content.size(); ++place) {
    std::string changed = content;
    changed[place] = static_cast<char>(changed[place] ^ 1);
    WriteFileAtomically(file, changed);
    EXPECT_THAT(ErrorOf(), HasSubstr("checksum")) << place;
  }
}

TEST_F(LogitsFile, PlacesThatCannotBeAreRefused) {
  const auto error_with = [&](auto change) {
    SpanLogits logits = Logits();
    change(&logits);
    WriteLogits(folder_.path(), logits, origin_, {});
    return ErrorOf();
  };
  EXPECT_THAT(error_with([](SpanLogits* l) { l->offsets = {0, 3, 4}; }), HasSubstr("do not cover"));
  EXPECT_THAT(error_with([](SpanLogits* l) { l->offsets = {0, 6, 5}; }), HasSubstr("do not rise"));
  EXPECT_THAT(error_with([](SpanLogits* l) { l->example = {0, 2}; }), HasSubstr("no question"));
  EXPECT_THAT(error_with([](SpanLogits* l) { l->window = {1, 1}; }), HasSubstr("numbers do not rise"));
  EXPECT_THAT(error_with([](SpanLogits* l) { l->context[3] = 3; }), HasSubstr("outside"));
}

TEST_F(LogitsFile, PartsOfDifferentSizesAreNotWritten) {
  SpanLogits logits = Logits();
  logits.end.pop_back();
  EXPECT_THROW(WriteLogits(folder_.path(), logits, origin_, {}), Error);
}

TEST_F(LogitsFile, QuestionsThatMovedOrChangedAreSaid) {
  const auto error_with = [&](const fs::path& file) {
    try {
      ReadQuestionsOf(origin_, file, "the run");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("(no error)");
  };
  const fs::path moved = folder_.path() / "moved.json";
  fs::rename(data_, moved);
  EXPECT_THAT(error_with(""), HasSubstr("not there; name the file with --data"));
  EXPECT_EQ(error_with(moved), "(no error)");
  WriteFileAtomically(moved, std::string(kData) + "\n");
  EXPECT_THAT(error_with(moved), HasSubstr("another file"));
}

TEST_F(LogitsFile, OtherWindowsAreNotTheSame) {
  LogitsOrigin other = origin_;
  RequireSameWindows(origin_, "a", other, "b");
  other.windows.cut.doc_stride = 9;
  EXPECT_THROW(RequireSameWindows(origin_, "a", other, "b"), Error);
  other = origin_;
  other.windows.tokenizer = "0000000000000000";
  EXPECT_THROW(RequireSameWindows(origin_, "a", other, "b"), Error);
  other = origin_;
  other.data_hash = "0000000000000000";
  EXPECT_THROW(RequireSameWindows(origin_, "a", other, "b"), Error);
}

}  // namespace
}  // namespace bv
