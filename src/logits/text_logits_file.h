// Logits of classification, regression and answerability on disk: logits.safetensors beside the predictions
// that were made of them, with ids, labels and lengths of the examples, so that runs can be combined and
// looked into again without models and data. The format to the byte: docs/file-formats.md. Plain functions,
// safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"
#include "decode/text_logits.h"
#include "logits/logits_file.h"

namespace bv {

struct StoredTextLogits {
  TaskExamples examples;         // task, file, hash, ids and labels; their texts are empty
  std::vector<int64_t> lengths;  // of each example, in code points: its texts, or question and context
  std::vector<int32_t> groups;   // equal for examples that are alike: of questions their context
  TextLogits logits;
  LogitsWindows windows;
};

enum class LogitsKind { kSpans, kTexts };

// Whose logits a run's file holds. Errors (kData): neither's.
LogitsKind KindOfLogits(const fs::path& run);

std::vector<int64_t> ExampleLengths(const TaskExamples& examples);
std::vector<int32_t> ExampleGroups(const TaskExamples& examples);

// Writes folder/logits.safetensors, whole or not at all. Examples without labels have none there. Errors:
// kIo; kInternal for parts of different sizes.
void WriteTextLogits(const fs::path& folder, const TaskExamples& examples, const TextLogits& logits,
                     const LogitsWindows& windows);
void WriteTextLogits(const fs::path& folder, const StoredTextLogits& stored);

// Errors (kData): a file whose tensors or metadata are missing, disagree or do not fit its checksum; kIo.
StoredTextLogits ReadTextLogits(const fs::path& folder);

// Throws kData, naming both, unless both are of the same rows of the same data for the same task, with the
// same labels, and windows that belong to the same rows.
void RequireSameRows(const StoredTextLogits& a, const std::string& a_name, const StoredTextLogits& b,
                     const std::string& b_name);

}  // namespace bv
