#include "report/browser_places.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "base/rng.h"

namespace bv {

std::vector<BrowserPlace> DrawPlaces(const std::vector<std::vector<std::string>>& ids,
                                     const BrowserOptions& options,
                                     const std::function<int64_t(const BrowserPlace&)>& bytes) {
  std::vector<std::pair<uint64_t, BrowserPlace>> drawn;
  for (size_t group = 0; group < ids.size(); ++group) {
    for (size_t i = 0; i < ids[group].size(); ++i)
      drawn.push_back({Mix64(HashText(ids[group][i])), {group, i}});
  }
  std::stable_sort(drawn.begin(), drawn.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<BrowserPlace> chosen;
  int64_t size = 0;
  for (const auto& [order, place] : drawn) {
    if (std::ssize(chosen) >= options.questions) break;
    size += bytes(place);
    if (size > options.bytes) break;
    chosen.push_back(place);
  }
  std::sort(chosen.begin(), chosen.end(), [](const BrowserPlace& a, const BrowserPlace& b) {
    return std::tie(a.group, a.example) < std::tie(b.group, b.example);
  });
  return chosen;
}

}  // namespace bv
