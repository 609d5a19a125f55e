#include "text/piece_trie.h"

#include <algorithm>

namespace bv {
namespace {

constexpr size_t kLabels = 256;
constexpr size_t kLookBack = 64;
constexpr int32_t kNoParent = INT32_MAX;  // of a root: its place is taken, but it is nobody's child

}  // namespace

PieceTrie::PieceTrie(const std::vector<std::string>& pieces, std::string_view prefix) {
  std::vector<Key> starts, continuations;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const std::string_view piece = pieces[i];
    const auto id = static_cast<int32_t>(i);
    if (!piece.empty()) starts.push_back({piece, id});
    if (piece.size() > prefix.size() && piece.starts_with(prefix)) {
      continuations.push_back({piece.substr(prefix.size()), id});
    }
  }
  nodes_.resize(kLabels, {0, kNoParent, -1});  // so that place - label is never negative
  start_ = AddRoot(std::move(starts));
  continuation_ = AddRoot(std::move(continuations));
}

int32_t PieceTrie::AddRoot(std::vector<Key> keys) {
  std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) { return a.text < b.text; });
  while (first_free_ < nodes_.size() && nodes_[first_free_].parent >= 0) ++first_free_;
  if (first_free_ == nodes_.size()) nodes_.emplace_back();
  const auto root = static_cast<int32_t>(first_free_);
  nodes_[first_free_].parent = kNoParent;
  AddChildren(root, keys, 0, keys.size(), 0);
  return root;
}

// keys[first, last) share their first `depth` bytes, which lead to `node`.
void PieceTrie::AddChildren(int32_t node, const std::vector<Key>& keys, size_t first, size_t last,
                            size_t depth) {
  if (first < last && keys[first].text.size() == depth) {
    nodes_[static_cast<size_t>(node)].id = keys[first].id;
    ++first;
  }
  if (first == last) return;
  const auto label = [&](size_t i) { return static_cast<uint8_t>(keys[i].text[depth]); };
  std::vector<uint8_t> labels;
  for (size_t i = first; i < last; ++i) {
    if (labels.empty() || labels.back() != label(i)) labels.push_back(label(i));
  }
  const int32_t base = FindBase(labels);
  nodes_[static_cast<size_t>(node)].base = base;
  for (const uint8_t child : labels) nodes_[static_cast<size_t>(base) + child].parent = node;
  for (size_t begin = first; begin < last;) {
    size_t end = begin + 1;
    while (end < last && label(end) == label(begin)) ++end;
    AddChildren(base + label(begin), keys, begin, end, depth + 1);
    begin = end;
  }
}

// A base at which the places of all labels are free. A single label takes the first hole; more of them look
// only a little before where the last ones found room, so that building takes linear time.
int32_t PieceTrie::FindBase(const std::vector<uint8_t>& labels) {
  while (first_free_ < nodes_.size() && nodes_[first_free_].parent >= 0) ++first_free_;
  // At least kLabels, the places before which are never free.
  const size_t from = labels.size() == 1 ? first_free_ : std::max(first_free_, dense_until_);
  for (size_t base = from - labels.front();; ++base) {
    if (base + kLabels > nodes_.size()) nodes_.resize(base + kLabels);
    const auto taken = [&](uint8_t label) { return nodes_[base + label].parent >= 0; };
    if (std::any_of(labels.begin(), labels.end(), taken)) continue;
    const size_t place = base + labels.front();
    if (labels.size() > 1 && place > dense_until_ + kLookBack) dense_until_ = place - kLookBack;
    return static_cast<int32_t>(base);
  }
}

// Needs no bounds check: kLabels places follow every base, and a leaf's base is 0, where nobody's children
// are.
PieceTrie::Match PieceTrie::Longest(int32_t root, std::string_view text) const {
  Match best;
  int32_t node = root;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto child =
        static_cast<size_t>(nodes_[static_cast<size_t>(node)].base) + static_cast<uint8_t>(text[i]);
    if (nodes_[child].parent != node) return best;
    node = static_cast<int32_t>(child);
    if (nodes_[child].id >= 0) best = {nodes_[child].id, i + 1};
  }
  return best;
}

}  // namespace bv
