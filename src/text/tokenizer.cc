#include "text/tokenizer.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/hash.h"
#include "base/strings.h"
#include "text/added_tokens.h"
#include "text/normalizer.h"
#include "text/piece_trie.h"
#include "text/unicode.h"
#include "text/utf8.h"

namespace bv {
namespace {

constexpr size_t kMaxTextBytes = size_t{1} << 30;

bool IsContinuation(char byte) {
  return (static_cast<uint8_t>(byte) & 0xC0) == 0x80;
}

}  // namespace

// What encoding looks at, built from the files.
struct Tokenizer::Engine {
  Engine(const TokenizerFiles& files, const TokenizerOptions& options)
      : normalizer(files.normalizer),
        trie(files.pieces, files.continuation_prefix),
        added(files.added, options.special_tokens_in_text) {
    const auto& table = unicode::PropertyTable::Get();
    for (char32_t code = 0; code < 128; ++code) {
      const bool upper = code >= 'A' && code <= 'Z' && files.normalizer.lowercase;
      ascii[code] = {static_cast<char>(upper ? code + 32 : code),
                     files.normalizer.clean_text && table[code].Is(unicode::kRemoved),
                     table[code].Is(unicode::kSpace), table[code].Is(unicode::kPunctuation)};
    }
  }

  struct Ascii {
    char lower;
    bool removed, space, punctuation;
  };
  std::array<Ascii, 128> ascii;
  Normalizer normalizer;
  PieceTrie trie;
  AddedTokenFinder added;
};

// One call of Encode: walks the text and collects words, which it cuts into pieces.
class Tokenizer::Encoder {
 public:
  Encoder(const Tokenizer& tokenizer, std::string_view text)
      : engine_(*tokenizer.engine_),
        unk_(tokenizer.unk_),
        max_chars_(static_cast<size_t>(tokenizer.files_.max_chars_per_word)),
        text_(text) {}

  Encoding Run() {
    size_t begin = 0;
    for (AddedTokenMatch match; engine_.added.Next(text_, begin, &match); begin = match.end) {
      EncodePlain(begin, match.begin);
      Emit(match.id, {static_cast<int32_t>(match.begin), static_cast<int32_t>(match.end)});
    }
    EncodePlain(begin, text_.size());
    return std::move(out_);
  }

 private:
  // Stretches between plain white space, which nothing reaches across, are taken one by one.
  void EncodePlain(size_t begin, size_t end) {
    const auto is_gap = [this](size_t i) {
      const char c = text_[i];
      return c == ' ' || c == '\n' || c == '\t' || c == '\r';
    };
    while (begin < end) {
      bool is_ascii = true;
      size_t stop = begin;
      for (; stop < end && !is_gap(stop); ++stop) is_ascii &= static_cast<uint8_t>(text_[stop]) < 0x80;
      if (is_ascii) {
        EncodeAscii(begin, stop);
      } else {
        EncodeUnicode(begin, stop);
      }
      FinishWord();
      begin = stop + 1;
    }
  }

  void EncodeAscii(size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const Engine::Ascii& c = engine_.ascii[static_cast<uint8_t>(text_[i])];
      if (c.removed) continue;
      if (c.space || c.punctuation) FinishWord();
      if (c.space) continue;
      word_.push_back(c.lower);
      ranges_.push_back({static_cast<int32_t>(i), static_cast<int32_t>(i) + 1});
      if (c.punctuation) FinishWord();
    }
  }

  void EncodeUnicode(size_t begin, size_t end) {
    const auto& table = unicode::PropertyTable::Get();
    chars_.clear();
    engine_.normalizer.Normalize(text_, begin, end, &chars_);
    for (const NormalizedChar& c : chars_) {
      const unicode::Properties properties = table[c.code];
      const bool punctuation = properties.Is(unicode::kPunctuation);
      const bool space = properties.Is(unicode::kSpace);
      if (space || punctuation) FinishWord();
      if (space) continue;
      AppendUtf8(c.code, &word_);
      ranges_.resize(word_.size(), c.range);
      if (punctuation) FinishWord();
    }
  }

  // Greedy longest match; a word that does not come out even is one unknown piece.
  void FinishWord() {
    if (word_.empty()) return;
    const size_t pieces_before = out_.ids.size();
    const bool fits = word_.size() <= max_chars_ || CountChars() <= max_chars_;
    size_t position = 0;
    while (fits && position < word_.size()) {
      const std::string_view rest = std::string_view(word_).substr(position);
      const PieceTrie::Match match =
          position == 0 ? engine_.trie.LongestStart(rest) : engine_.trie.LongestContinuation(rest);
      if (match.id < 0) break;
      Emit(match.id, {ranges_[position].begin, ranges_[position + match.bytes - 1].end});
      position += match.bytes;
    }
    if (position < word_.size()) {
      out_.ids.resize(pieces_before);
      out_.ranges.resize(pieces_before);
      Emit(unk_, {ranges_.front().begin, ranges_.back().end});
    }
    word_.clear();
    ranges_.clear();
  }

  size_t CountChars() const {
    return word_.size() - static_cast<size_t>(std::count_if(word_.begin(), word_.end(), IsContinuation));
  }

  void Emit(int32_t id, ByteRange range) {
    out_.ids.push_back(id);
    out_.ranges.push_back(range);
  }

  const Engine& engine_;
  const int32_t unk_;
  const size_t max_chars_;
  const std::string_view text_;
  std::string word_;               // cleaned, UTF-8
  std::vector<ByteRange> ranges_;  // for each byte of word_, where its character came from
  std::vector<NormalizedChar> chars_;
  Encoding out_;
};

Tokenizer Tokenizer::Load(const fs::path& path, const TokenizerOptions& options) {
  return Tokenizer(ReadTokenizerFiles(path), options);
}

Tokenizer::Tokenizer(TokenizerFiles files, const TokenizerOptions& options)
    : files_(std::move(files)), options_(options), engine_(std::make_unique<Engine>(files_, options)) {
  unk_ = FindSpecial(files_.unk, "unknown words");
  cls_ = FindSpecial(files_.cls, "the start of a window");
  sep_ = FindSpecial(files_.sep, "the end of a text");
  pad_ = FindSpecial(files_.pad, "padding");
  fingerprint_ = Fingerprint();
}

Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

Encoding Tokenizer::Encode(std::string_view text) const {
  if (text.size() > kMaxTextBytes) {
    throw Error(ErrorKind::kData, Cat("a text of ", HumanBytes(static_cast<int64_t>(text.size())),
                                      " is too long to tokenize, allowed is ", HumanBytes(kMaxTextBytes)));
  }
  return Encoder(*this, text).Run();
}

int32_t Tokenizer::FindSpecial(const std::string& name, const char* what) const {
  const auto found = std::find(files_.pieces.begin(), files_.pieces.end(), name);
  if (found == files_.pieces.end()) {
    throw DataError(files_.file, Cat("piece ", Quoted(name), " (for ", what, ") is missing from its ",
                                     files_.pieces.size(), " pieces; it is probably not BERT's vocabulary"));
  }
  return static_cast<int32_t>(found - files_.pieces.begin());
}

uint64_t Tokenizer::Fingerprint() const {
  Xxh3 hash;
  for (const std::string& piece : files_.pieces) hash.Update(piece + '\n');
  for (const AddedToken& token : files_.added) hash.Update(Cat(token.id, token.special ? 's' : 'w', '\n'));
  const NormalizerOptions& n = files_.normalizer;
  hash.Update(Cat(n.clean_text, n.handle_chinese_chars, n.strip_accents, n.lowercase,
                  options_.special_tokens_in_text, '\n', unk_, ' ', cls_, ' ', sep_, ' ', pad_, '\n',
                  files_.continuation_prefix, '\n', files_.max_chars_per_word));
  return hash.Digest();
}

}  // namespace bv
