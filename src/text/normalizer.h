// BERT's text cleaning: drops controls, makes white space plain, sets Chinese characters apart, strips
// accents, lower-cases. Keeps for every character the bytes of the original text it came from. Splitting into
// words and pieces is the tokenizer's. Immutable; safe from any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/byte_range.h"
#include "text/unicode.h"

namespace bv {

struct NormalizerOptions {
  bool clean_text = true;
  bool handle_chinese_chars = true;
  bool strip_accents = true;
  bool lowercase = true;
};

struct NormalizedChar {
  char32_t code;
  ByteRange range;  // of the original text
};

class Normalizer {
 public:
  explicit Normalizer(const NormalizerOptions& options)
      : options_(options), table_(&unicode::PropertyTable::Get()) {}
  const NormalizerOptions& options() const { return options_; }

  // Appends the cleaned form of text[begin, end), which must begin and end at starters (characters that are
  // not combining marks), at white space or at the ends of what is tokenized: nothing outside is looked at.
  void Normalize(std::string_view text, size_t begin, size_t end, std::vector<NormalizedChar>* out) const;

 private:
  void StripAccents(std::vector<NormalizedChar>* chars) const;
  void Lowercase(std::vector<NormalizedChar>* chars) const;

  NormalizerOptions options_;
  const unicode::PropertyTable* table_;
};

}  // namespace bv
