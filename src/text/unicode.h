// What BERT's text cleaning needs to know about code points, exactly as the reference tokenizer knows it
// (docs/tokenization.md). Not a Unicode library: categories newer than the reference's tables are missing on
// purpose. Immutable; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bv::unicode {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kMaxCodePoint = 0x10FFFF;

enum Flag : uint16_t {
  kRemoved = 1,      // control, format, private use or unassigned: cleaning drops it
  kSpace = 2,        // white space; what cleaning does not drop becomes U+0020
  kPunctuation = 4,  // a piece of its own
  kMark = 8,         // non-spacing mark: an accent to be stripped
  kCjk = 16,         // Chinese character: a word of its own
};

// One code point's flags, combining rank and whether it changes in decomposition or lower-casing.
class Properties {
 public:
  constexpr explicit Properties(uint16_t bits) : bits_(bits) {}
  bool Is(Flag flag) const { return (bits_ & flag) != 0; }
  bool decomposes() const { return (bits_ & kDecomposes) != 0; }
  bool lowers() const { return (bits_ & kLowers) != 0; }
  // 0 for a starter; marks in a row are put into the order of their ranks.
  uint16_t rank() const { return bits_ >> kRankShift; }

 private:
  friend class PropertyTable;
  static constexpr uint16_t kDecomposes = 32;
  static constexpr uint16_t kLowers = 64;
  static constexpr int kRankShift = 8;
  uint16_t bits_;
};

// Two-stage lookup built once from the compact tables.
class PropertyTable {
 public:
  static const PropertyTable& Get();
  Properties operator[](char32_t code) const {
    return Properties(blocks_[index_[code >> kBlockBits] * kBlockSize + (code & (kBlockSize - 1))]);
  }

 private:
  static constexpr int kBlockBits = 8;
  static constexpr size_t kBlockSize = size_t{1} << kBlockBits;
  PropertyTable();
  std::vector<uint16_t> index_;
  std::vector<uint16_t> blocks_;
};

// Appends the full canonical decomposition of a code point that decomposes().
void AppendDecomposition(char32_t code, std::vector<char32_t>* out);
// Appends the lower case (one or two code points) of a code point that lowers().
void AppendLower(char32_t code, std::vector<char32_t>* out);

}  // namespace bv::unicode
