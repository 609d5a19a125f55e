// A tokenizer's files as plain data: the pieces and everything that decides how text is cut. Reads the folder
// of a BERT model in the layout of Hugging Face: tokenizer.json or vocab.txt, with tokenizer_config.json on
// top. Nothing is tokenized here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"
#include "text/normalizer.h"

namespace bv {

// A text that is found in the input before anything else and becomes one piece: "[SEP]" and its like.
struct AddedToken {
  std::string text;
  int32_t id = 0;
  bool special = true;  // false: a word that somebody added to the vocabulary
};

struct TokenizerFiles {
  std::string file;                 // where the pieces came from, for messages
  std::vector<std::string> pieces;  // by id
  std::vector<AddedToken> added;
  NormalizerOptions normalizer;
  std::string unk = "[UNK]", cls = "[CLS]", sep = "[SEP]", pad = "[PAD]", mask = "[MASK]";
  std::string continuation_prefix = "##";
  int64_t max_chars_per_word = 100;
};

// A folder, or a tokenizer.json or vocab.txt file itself. tokenizer.json is preferred; do_lower_case,
// strip_accents, tokenize_chinese_chars and the names of special tokens in tokenizer_config.json override it,
// as in transformers. Truncation and padding settings are ignored. Errors: kIo when there is no tokenizer;
// kUnsupported, by name, for kinds other than BERT's WordPiece; kData for what is broken: not UTF-8, empty or
// doubled pieces, ids with holes, invalid JSON.
TokenizerFiles ReadTokenizerFiles(const fs::path& path);

}  // namespace bv
