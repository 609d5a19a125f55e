// Which questions or rows the page's browsers show, where there are more than a page should hold. Pure
// functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bv {

struct BrowserOptions {
  int64_t questions = 500;           // or rows, at most; 0: none
  int64_t bytes = int64_t{2} << 20;  // of JSON, about, at most
};

// A question or row: its group of systems, and where it stands in the group's data.
struct BrowserPlace {
  size_t group = 0, example = 0;
};

// Places drawn by a hash of their ids, the same ones whichever systems are reported, as many as fit, in the
// order of the data. ids: of every example, by group. bytes: what one adds to the page, asked once for each
// that is drawn, in the order of drawing.
std::vector<BrowserPlace> DrawPlaces(const std::vector<std::vector<std::string>>& ids,
                                     const BrowserOptions& options,
                                     const std::function<int64_t(const BrowserPlace&)>& bytes);

}  // namespace bv
