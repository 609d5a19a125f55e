// How many columns of a terminal a text takes.
#pragma once

#include <cstddef>
#include <string_view>

namespace bv {

// Combining marks, joiners and variation selectors take none, East Asian wide characters and emoji two,
// everything else one. Bytes that are not UTF-8 take one each.
size_t DisplayWidth(std::string_view text);

}  // namespace bv
