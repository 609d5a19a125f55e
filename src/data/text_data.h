// Data for classification and regression of one text or of a pair of texts: a user's own TSV, CSV or JSONL
// file with named columns, and questions with their "answer_type" (GLUE's files: glue_tasks.h). Everything
// read is treated as hostile: an error names the file and the line. What is not here: tokenization and
// windows (layer features) and scores (layer metrics). TextData is plain data, safe to read from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "data/squad.h"

namespace bv {

struct TextExample {
  std::string id;      // unique in its file
  std::string text_a;  // may be empty
  std::string text_b;  // "" unless TextData::pair
  int32_t label = -1;  // index into TextData::label_names; -1 in regression and where not labelled
  double value = std::numeric_limits<double>::quiet_NaN();  // regression: the number to predict, finite
};

struct TextData {
  std::string file;                      // as the user named it
  uint64_t hash = 0;                     // xxh3 of the file's bytes
  bool pair = false;                     // examples have two texts
  bool regression = false;               // examples have a value instead of a label
  bool labelled = false;                 // all examples have a label or value; otherwise none has
  std::vector<std::string> label_names;  // empty in regression, and where neither given nor found
  std::vector<TextExample> examples;     // at least one, in the file's order
};

// What to do with a file's labels.
enum class LabelUse {
  kRequired,   // training, scoring: every row must have one
  kIfPresent,  // prediction: all rows have one, or none has
  kIgnored,    // as if the file had none
};

enum class TextFormat {
  kByName,  // *.tsv and *.txt: tsv; *.csv: csv; *.jsonl, *.ndjson and standard input: jsonl
  kTsv,     // tab-separated with a header line
  kCsv,     // comma-separated with a header line, quoted as RFC 4180 says
  kJsonl,   // one JSON object a line
};

// Names of columns (TSV, CSV) or keys (JSONL).
struct TextColumns {
  std::string text = "text";
  std::string text_b = {};  // "": single texts
  std::string label = "label";
  std::string id = {};  // "": "id" where the file has it, else the line number (from 1) is the id
};

struct TextOptions {
  TextFormat format = TextFormat::kByName;
  TextColumns columns = {};
  LabelUse labels = LabelUse::kRequired;
  bool regression = false;
  // Names of the classes in the order of their indices. Give those of the training data when reading any
  // other: a label outside them is an error. Empty: found in the file, in order (see ReadTextData).
  std::vector<std::string> label_names = {};
  std::optional<bool> quoting = {};  // whether TSV or CSV fields may be quoted; unset: CSV yes, TSV no
  bool skip_bad_rows = false;  // drop rows with too few or too many columns instead of refusing the file
};

// A user's own file; "-" reads standard input. Labels found in the file are sorted, by value if all are
// numbers, else by bytes. A byte-order mark is skipped, blank lines are too; white space around labels and
// numbers does not count; JSON labels may be strings, numbers or true and false. Errors: kIo; kUsage for a
// name that tells no format; kData with file and line for missing columns (with those that there are), rows
// with another number of columns than the header, unknown or missing labels, values that are not finite
// numbers, ids that stand twice, invalid UTF-8, broken quotes, and files without rows or with one label only.
TextData ReadTextData(const std::filesystem::path& path, const TextOptions& options);

// Questions to be classified by the kind of their answer (QaExample::answer_type): text_a is the question;
// with_context makes the context text_b. Of the options, labels and label_names count. Errors: kData as
// above, naming the question.
TextData AnswerTypeData(const QaData& data, bool with_context, const TextOptions& options = {});

}  // namespace bv
