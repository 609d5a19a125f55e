// Reading-comprehension data: SQuAD 1.1 and 2.0 JSON files, and JSONL of questions for prediction. Everything
// read is treated as hostile: an error names the file and the place in it. What is not here: tokenization and
// windows (layer features) and scores (layer metrics). QaData is plain data, safe to read from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"

namespace bv {

// One gold answer. context.substr(begin, text.size()) == text.
struct Answer {
  std::string text;
  int64_t begin = 0;  // byte in the context (files count code points)
};

// One question about one context.
struct QaExample {
  std::string id;
  std::string title;  // of the article; may be empty
  std::string question;
  int32_t context = 0;          // index into QaData::contexts
  std::vector<Answer> answers;  // gold answers in the file's order; empty if impossible or not given
  bool impossible = false;      // the file says that the context holds no answer
  std::string answer_type;      // the optional key "answer_type", for scores by type; may be empty
};

struct QaData {
  std::string file;   // as the user named it
  uint64_t hash = 0;  // xxh3 of the file's bytes
  std::vector<std::string> contexts;
  std::vector<QaExample> examples;
  bool has_impossible = false;  // at least one question is impossible: score as SQuAD 2.0, else as SQuAD 1.1
  bool has_answers = false;     // every question has gold answers or is impossible: the file can be scored

  const std::string& Context(const QaExample& example) const {
    return contexts[static_cast<size_t>(example.context)];
  }
};

struct SquadOptions {
  bool skip_bad_answers = false;  // drop answers that are not in the context instead of refusing the file
  // Keep every question and none of its answers: they are not looked at, except that has_answers says whether
  // every question has some or is impossible. For prediction, to which gold answers are nothing.
  bool questions_only = false;
};

// A SQuAD 1.1 or 2.0 file. An answer whose text does not stand at answer_start is moved if it occurs exactly
// once in the context (one warning with the count); otherwise it is an error that lists the first such ids,
// or it is dropped with options.skip_bad_answers, and a question that lost all its answers is dropped with
// them. An empty "answers" list means that there is no answer, as in the official scorer, unless
// "is_impossible" is false; a question with neither is not annotated (has_answers is false then). Unknown
// keys are ignored. Errors: kIo; kData with the JSON path for wrong types, duplicate or empty ids, empty
// contexts, a question that is both impossible and answered; kData for invalid UTF-8 and files without
// questions.
QaData ReadSquad(const std::filesystem::path& path, const SquadOptions& options = {});

// Sets has_impossible and has_answers from the examples, for data whose examples have been chosen from
// others.
void SummariseAnswers(QaData* data);

// Throws kData unless every question has gold answers or is impossible: a question that is merely not
// annotated would be trained on as one without an answer.
void RequireAnswers(const QaData& data);

// Questions for prediction, one JSON object a line: {"question", "context", "id"?}; "-" reads standard input.
// Without an id it is the line number, from 1. Blank lines are skipped, equal contexts are stored once, other
// keys are ignored. Errors: kIo; kData with the line number.
QaData ReadQaJsonl(const std::filesystem::path& path);

// Questions for prediction from either: a file named *.json is read as SQuAD (questions_only), anything else
// as JSONL.
QaData ReadQuestions(const std::filesystem::path& path);

}  // namespace bv
