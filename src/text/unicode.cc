#include "text/unicode.h"

#include <algorithm>
#include <map>

#include "text/unicode_tables.h"

namespace bv::unicode {
namespace {

// The one code point whose lower case is two: I with dot above becomes i and a combining dot.
constexpr char32_t kDottedI = 0x130;
constexpr char32_t kCombiningDot = 0x307;

// Hangul syllables decompose by arithmetic (Unicode Standard, section 3.12).
constexpr char32_t kHangulFirst = 0xAC00, kHangulLast = 0xD7A3;
constexpr char32_t kLeadFirst = 0x1100, kVowelFirst = 0x1161, kTrailFirst = 0x11A7;
constexpr char32_t kVowels = 21, kTrails = 28;

void AppendHangul(char32_t code, std::vector<char32_t>* out) {
  const char32_t syllable = code - kHangulFirst;
  out->push_back(kLeadFirst + syllable / (kVowels * kTrails));
  out->push_back(kVowelFirst + syllable / kTrails % kVowels);
  if (syllable % kTrails != 0) out->push_back(kTrailFirst + syllable % kTrails);
}

// The entry of `code` counted over all runs, or -1.
int64_t FindInRuns(std::span<const CodeRun> runs, char32_t code) {
  int64_t before = 0;
  for (const CodeRun& run : runs) {
    if (code < run.first) return -1;
    const auto place = static_cast<int64_t>(code - run.first);
    if (place < run.count) return before + place;
    before += run.count;
  }
  return -1;
}

}  // namespace

const PropertyTable& PropertyTable::Get() {
  static const PropertyTable table;
  return table;
}

PropertyTable::PropertyTable() {
  std::vector<uint16_t> all(kMaxCodePoint + 1, 0);
  for (const FlagRange& range : kFlagRanges) {
    for (char32_t code = range.first; code <= range.last; ++code) all[code] |= range.flags;
  }
  for (const RankRange& range : kRankRanges) {
    const auto rank = static_cast<uint16_t>(range.rank << Properties::kRankShift);
    for (char32_t code = range.first; code <= range.last; ++code) all[code] |= rank;
  }
  for (const LowerRange& range : kLowerRanges) {
    const auto step = static_cast<char32_t>(range.step);
    for (char32_t code = range.first; code <= range.last; code += step) all[code] |= Properties::kLowers;
  }
  all[kDottedI] |= Properties::kLowers;
  for (const auto& runs : {kPairRuns, kSingleRuns}) {
    for (const CodeRun& run : runs) {
      for (int32_t i = 0; i < run.count; ++i)
        all[run.first + static_cast<char32_t>(i)] |= Properties::kDecomposes;
    }
  }
  for (char32_t code = kHangulFirst; code <= kHangulLast; ++code) all[code] |= Properties::kDecomposes;

  std::map<std::vector<uint16_t>, uint16_t> seen;
  for (auto block = all.begin(); block != all.end(); block += kBlockSize) {
    const auto [entry, is_new] = seen.try_emplace(std::vector<uint16_t>(block, block + kBlockSize),
                                                  static_cast<uint16_t>(seen.size()));
    index_.push_back(entry->second);
    if (is_new) blocks_.insert(blocks_.end(), block, block + kBlockSize);
  }
}

void AppendDecomposition(char32_t code, std::vector<char32_t>* out) {
  if (code >= kHangulFirst && code <= kHangulLast) return AppendHangul(code, out);
  if (const int64_t pair = FindInRuns(kPairRuns, code); pair >= 0) {
    const auto* parts = &kPairs[static_cast<size_t>(2 * pair)];
    AppendDecomposition(parts[0], out);
    out->push_back(parts[1]);
    return;
  }
  const int64_t single = FindInRuns(kSingleRuns, code);
  out->push_back(single >= 0 ? kSingles[static_cast<size_t>(single)] : code);
}

void AppendLower(char32_t code, std::vector<char32_t>* out) {
  if (code == kDottedI) {
    out->insert(out->end(), {U'i', kCombiningDot});
    return;
  }
  // The ranges are sorted by their first code point; ranges of step 2 may interleave.
  auto range = std::upper_bound(kLowerRanges.begin(), kLowerRanges.end(), code,
                                [](char32_t value, const LowerRange& r) { return value < r.first; });
  while (range != kLowerRanges.begin()) {
    --range;
    if (code <= range->last && (code - range->first) % static_cast<char32_t>(range->step) == 0) {
      out->push_back(static_cast<char32_t>(static_cast<int32_t>(code) + range->delta));
      return;
    }
  }
  out->push_back(code);
}

}  // namespace bv::unicode
