// The labelled texts behind systems of classification, regression or answerability, and what each system
// predicted: the counterpart of dev_data.h. Reads files; scores nothing.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "data/task.h"
#include "report/data_files.h"
#include "report/system.h"

namespace bv {

// What a system said of each row.
struct TextAnswers {
  std::vector<double> values;         // its class or value
  std::vector<double> probabilities;  // of that class; empty for regressions and where they are not kept
};

// Systems that predicted the same rows of the same file.
struct AnsweredTexts {
  TaskExamples examples;             // the rows that were predicted, in the file's order
  std::vector<size_t> systems;       // into the list given
  std::vector<TextAnswers> answers;  // one per system here
};

using TextDevData = SystemGroups<AnsweredTexts>;

// All systems are of one task. A file's columns are named as the run recorded, or another run on the same
// file; where none did (heads on stores) they have their usual names. `given`: as FindDevData. Errors: kIo if
// it cannot be read; kData for files of predictions that are damaged.
TextDevData FindTextData(const std::vector<ReportSystem>& systems, const std::filesystem::path& given);

// The two texts of a row: text and second text, or question and context.
std::pair<std::string, std::string> TextsOf(const TaskExamples& examples, int64_t row);

}  // namespace bv
