// BERT's tokenizer: text to WordPiece ids, each with the bytes of the original text it came from. Equal to
// Hugging Face `tokenizers` in ids and offsets (docs/tokenization.md). No windows, no truncation, no padding,
// no [CLS] and [SEP] around the text: those are layer features'. Immutable once loaded; every const member
// may be called from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "text/byte_range.h"
#include "text/vocabulary.h"

namespace bv {

struct Encoding {
  std::vector<int32_t> ids;
  std::vector<ByteRange> ranges;  // one per id
};

struct TokenizerOptions {
  // Whether "[SEP]" and other special tokens written out in a text become the special pieces, as in Hugging
  // Face; otherwise they are cut like any other text (split_special_tokens of transformers).
  bool special_tokens_in_text = true;
};

class Tokenizer {
 public:
  // A model folder, or its tokenizer.json or vocab.txt. Errors: those of ReadTokenizerFiles; kData when the
  // unknown, [CLS], [SEP] or [PAD] piece is missing.
  static Tokenizer Load(const fs::path& path, const TokenizerOptions& options = {});
  explicit Tokenizer(TokenizerFiles files, const TokenizerOptions& options = {});
  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  // Any bytes; what is not UTF-8 is read as U+FFFD. Errors: kData for texts over 1 GiB.
  Encoding Encode(std::string_view text) const;

  int32_t vocab_size() const { return static_cast<int32_t>(files_.pieces.size()); }
  // 0 <= id < vocab_size().
  const std::string& Piece(int32_t id) const { return files_.pieces[static_cast<size_t>(id)]; }
  int32_t unk_id() const { return unk_; }
  int32_t cls_id() const { return cls_; }
  int32_t sep_id() const { return sep_; }
  int32_t pad_id() const { return pad_; }
  // Over everything that decides ids: pieces, added tokens, options.
  uint64_t fingerprint() const { return fingerprint_; }

 private:
  class Encoder;
  struct Engine;

  int32_t FindSpecial(const std::string& name, const char* what) const;
  uint64_t Fingerprint() const;

  TokenizerFiles files_;
  TokenizerOptions options_;
  std::unique_ptr<const Engine> engine_;
  int32_t unk_ = 0, cls_ = 0, sep_ = 0, pad_ = 0;
  uint64_t fingerprint_ = 0;
};

}  // namespace bv
