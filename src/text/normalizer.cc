#include "text/normalizer.h"

#include <algorithm>

#include "text/utf8.h"

namespace bv {
namespace {

// A character of a decomposition. `added` ones are all but the first of their source character.
struct Decomposed {
  NormalizedChar character;
  uint16_t rank;
  bool added;
};

// Puts marks [first, last) into canonical order. The reference then hands out the byte ranges of the source
// characters in their old order: the k-th mark that is not `added` gets the k-th range, an `added` one the
// range of the character before it.
void Reorder(std::vector<Decomposed>* items, size_t first, size_t last) {
  const auto at = [items](size_t i) { return items->begin() + static_cast<std::ptrdiff_t>(i); };
  const auto by_rank = [](const Decomposed& a, const Decomposed& b) { return a.rank < b.rank; };
  if (std::is_sorted(at(first), at(last), by_rank)) return;
  std::vector<ByteRange> sources;
  for (size_t i = first; i < last; ++i) {
    if (!(*items)[i].added) sources.push_back((*items)[i].character.range);
  }
  std::stable_sort(at(first), at(last), by_rank);
  size_t next = 0;
  ByteRange previous = first > 0 ? (*items)[first - 1].character.range : ByteRange{};
  for (size_t i = first; i < last; ++i) {
    if (!(*items)[i].added) previous = sources[next++];
    (*items)[i].character.range = previous;
  }
}

}  // namespace

void Normalizer::Normalize(std::string_view text, size_t begin, size_t end,
                           std::vector<NormalizedChar>* out) const {
  const std::string_view visible = text.substr(0, end);
  std::vector<NormalizedChar> chars;
  for (size_t position = begin; position < end;) {
    const DecodedCodePoint decoded = DecodeUtf8(visible, position);
    const ByteRange range{static_cast<int32_t>(position), static_cast<int32_t>(position) + decoded.bytes};
    position += static_cast<size_t>(decoded.bytes);
    char32_t code = decoded.code;
    const unicode::Properties properties = (*table_)[code];
    if (options_.clean_text) {
      if (properties.Is(unicode::kRemoved)) continue;
      if (properties.Is(unicode::kSpace)) code = U' ';
    }
    const bool apart = options_.handle_chinese_chars && properties.Is(unicode::kCjk);
    if (apart) chars.push_back({U' ', range});
    chars.push_back({code, range});
    if (apart) chars.push_back({U' ', range});
  }
  if (options_.strip_accents) StripAccents(&chars);
  if (options_.lowercase) Lowercase(&chars);
  out->insert(out->end(), chars.begin(), chars.end());
}

void Normalizer::StripAccents(std::vector<NormalizedChar>* chars) const {
  std::vector<Decomposed> items;
  std::vector<char32_t> parts;
  size_t run = 0;  // where the current row of marks began
  for (const NormalizedChar& source : *chars) {
    parts.clear();
    if ((*table_)[source.code].decomposes()) {
      unicode::AppendDecomposition(source.code, &parts);
    } else {
      parts.push_back(source.code);
    }
    for (size_t i = 0; i < parts.size(); ++i) {
      const uint16_t rank = (*table_)[parts[i]].rank();
      if (rank == 0) {
        Reorder(&items, run, items.size());
        run = items.size() + 1;
      }
      items.push_back({{parts[i], source.range}, rank, i > 0});
    }
  }
  Reorder(&items, run, items.size());
  chars->clear();
  for (const Decomposed& item : items) {
    if (!(*table_)[item.character.code].Is(unicode::kMark)) chars->push_back(item.character);
  }
}

void Normalizer::Lowercase(std::vector<NormalizedChar>* chars) const {
  std::vector<NormalizedChar> lowered;
  std::vector<char32_t> parts;
  for (const NormalizedChar& source : *chars) {
    if (!(*table_)[source.code].lowers()) {
      lowered.push_back(source);
      continue;
    }
    parts.clear();
    unicode::AppendLower(source.code, &parts);
    for (const char32_t part : parts) lowered.push_back({part, source.range});
  }
  *chars = std::move(lowered);
}

}  // namespace bv
