#include "text/added_tokens.h"

#include <algorithm>

namespace bv {

AddedTokenFinder::AddedTokenFinder(std::vector<AddedToken> tokens, bool with_special)
    : tokens_(std::move(tokens)) {
  if (!with_special) std::erase_if(tokens_, [](const AddedToken& token) { return token.special; });
  std::stable_sort(tokens_.begin(), tokens_.end(),
                   [](const AddedToken& a, const AddedToken& b) { return a.text.size() > b.text.size(); });
  for (const AddedToken& token : tokens_) first_byte_[static_cast<uint8_t>(token.text.front())] = true;
}

bool AddedTokenFinder::Next(std::string_view text, size_t begin, AddedTokenMatch* match) const {
  for (size_t i = begin; !tokens_.empty() && i < text.size(); ++i) {
    if (!first_byte_[static_cast<uint8_t>(text[i])]) continue;
    const std::string_view rest = text.substr(i);
    for (const AddedToken& token : tokens_) {
      if (!rest.starts_with(token.text)) continue;
      *match = {token.id, i, i + token.text.size()};
      return true;
    }
  }
  return false;
}

}  // namespace bv
