// Span logits on disk: logits.safetensors beside the predictions that were decoded from them, so that answers
// can be combined and looked into again without any model. The format to the byte: docs/file-formats.md.
// Plain functions, safe from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "data/squad.h"
#include "decode/span_logits.h"
#include "features/windows.h"

namespace bv {

inline constexpr const char* kLogitsFile = "logits.safetensors";

// How the windows were cut: with the data, it decides what a window is.
struct LogitsWindows {
  WindowOptions cut;
  std::string tokenizer;  // its fingerprint, 16 hexadecimal digits
};

// Whose windows these are.
struct LogitsOrigin {
  std::string data;           // the file of the questions, by an absolute path where it was there; may change
  std::string data_hash;      // xxh3 of that file
  int64_t examples = 0;       // questions that were answered: the first of the file's that can be used
  std::string examples_hash;  // xxh3 of their ids
  LogitsWindows windows;
};

struct StoredLogits {
  SpanLogits logits;
  LogitsOrigin origin;
  DecodeOptions decode;  // what the answers beside the file were decoded with
};

LogitsOrigin OriginOf(const QaData& data, const LogitsWindows& windows);

// Writes folder/logits.safetensors, whole or not at all. Errors: kIo; kInternal for parts of different sizes.
void WriteLogits(const fs::path& folder, const SpanLogits& logits, const LogitsOrigin& origin,
                 const DecodeOptions& decode);

// Errors (kData): a file whose tensors or metadata are missing, disagree or do not fit its checksum; kIo.
StoredLogits ReadLogits(const fs::path& folder);

// The questions that the logits answer, read from `file`, or from where the logits say they are if it is
// empty. Errors (kData): the file is gone or is another one than it was, with what to do.
QaData ReadQuestionsOf(const LogitsOrigin& origin, const fs::path& file, const std::string& logits);

// Throws kData, naming both, unless the windows are the same: questions, window options and tokenizer.
void RequireSameWindows(const LogitsOrigin& a, const std::string& a_name, const LogitsOrigin& b,
                        const std::string& b_name);

}  // namespace bv
