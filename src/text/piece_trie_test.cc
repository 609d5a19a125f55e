#include "text/piece_trie.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/rng.h"

namespace bv {
namespace {

std::string RandomPiece(Rng* rng) {
  std::string piece(1 + rng->Below(5), 'a');
  for (char& c : piece) c = static_cast<char>(rng->Below(10) == 0 ? rng->Below(256) : 'a' + rng->Below(3));
  return piece;
}

TEST(PieceTrie, FindsTheLongestPieceLikeASearchThroughAllOfThem) {
  Rng rng(1);
  std::vector<std::string> pieces;
  pieces.reserve(600);
  for (int i = 0; i < 600; ++i) pieces.push_back((i % 2 == 0 ? "" : "##") + RandomPiece(&rng));
  std::sort(pieces.begin(), pieces.end());
  pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
  const PieceTrie trie(pieces, "##");
  for (int i = 0; i < 5000; ++i) {
    const std::string text = RandomPiece(&rng) + RandomPiece(&rng);
    for (const std::string prefix : {"", "##"}) {
      PieceTrie::Match expected;
      for (size_t id = 0; id < pieces.size(); ++id) {
        const std::string& piece = pieces[id];
        if (piece.size() > prefix.size() && (prefix + text).starts_with(piece) &&
            piece.size() - prefix.size() > expected.bytes) {
          expected = {static_cast<int32_t>(id), piece.size() - prefix.size()};
        }
      }
      const auto found = prefix.empty() ? trie.LongestStart(text) : trie.LongestContinuation(text);
      ASSERT_EQ(found.id, expected.id) << text;
      ASSERT_EQ(found.bytes, expected.bytes);
    }
  }
}

}  // namespace
}  // namespace bv
