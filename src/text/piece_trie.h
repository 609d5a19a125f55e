// The pieces of a vocabulary as a double-array trie over bytes, for longest-prefix matching. Two keys spaces:
// pieces that begin a word and pieces that continue one. Immutable; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bv {

class PieceTrie {
 public:
  struct Match {
    int32_t id = -1;  // -1: no piece fits
    size_t bytes = 0;
  };

  // pieces[id]; those that begin with `prefix` ("##") also continue words, without it. Empty keys never
  // match.
  PieceTrie(const std::vector<std::string>& pieces, std::string_view prefix);

  // The longest piece that text begins with.
  Match LongestStart(std::string_view text) const { return Longest(start_, text); }
  Match LongestContinuation(std::string_view text) const { return Longest(continuation_, text); }

 private:
  struct Node {
    int32_t base = 0;
    int32_t parent = -1;  // -1: the place is free
    int32_t id = -1;
  };
  struct Key {
    std::string_view text;
    int32_t id;
  };

  int32_t AddRoot(std::vector<Key> keys);
  void AddChildren(int32_t node, const std::vector<Key>& keys, size_t first, size_t last, size_t depth);
  int32_t FindBase(const std::vector<uint8_t>& labels);
  Match Longest(int32_t root, std::string_view text) const;

  std::vector<Node> nodes_;
  size_t first_free_ = 0;   // no place before it is free
  size_t dense_until_ = 0;  // nodes of several children are not put before it
  int32_t start_ = 0;
  int32_t continuation_ = 0;
};

}  // namespace bv
