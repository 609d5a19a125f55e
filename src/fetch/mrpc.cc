#include "fetch/mrpc.h"

#include <set>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/strings.h"

namespace bv::fetch {
namespace {

// Up to and with the newline; takes it off the text.
std::string_view TakeLine(std::string_view* text) {
  const size_t newline = text->find('\n');
  const std::string_view line = text->substr(0, newline == text->npos ? text->size() : newline + 1);
  text->remove_prefix(line.size());
  return line;
}

// The two ids from column `first` on, with a tab between them.
std::string PairOf(std::string_view line, size_t first, const std::string& file) {
  const std::vector<std::string> columns = Split(TrimSpaces(line), '\t');
  if (columns.size() < first + 2)
    throw DataError(file,
                    Cat("a line has ", columns.size(), " columns, at least ", first + 2, " are needed"));
  return columns[first] + "\t" + columns[first + 1];
}

}  // namespace

std::map<std::string, std::string> SplitMrpc(const std::map<std::string, std::string>& sources) {
  std::set<std::string> pairs;
  for (std::string_view ids = sources.at("dev-ids.tsv"); !ids.empty();) {
    const std::string_view line = TakeLine(&ids);
    if (!TrimSpaces(line).empty()) pairs.insert(PairOf(line, 0, "mrpc: dev-ids.tsv"));
  }
  std::string_view rows = sources.at("train.txt");
  const std::string_view header = TakeLine(&rows);
  std::string train(header), dev(header);
  size_t found = 0;
  while (!rows.empty()) {
    const std::string_view line = TakeLine(&rows);
    const bool in_dev = pairs.contains(PairOf(line, 1, "mrpc: train.txt"));
    found += in_dev ? 1 : 0;
    (in_dev ? dev : train) += line;
  }
  if (found != pairs.size() || found == 0) {
    throw DataError("mrpc", Cat("the list of the dev set has ", pairs.size(), " pairs, ", found,
                                " of them are in the corpus"));
  }
  return {{"train.tsv", train}, {"dev.tsv", dev}, {"test.tsv", sources.at("test.txt")}};
}

}  // namespace bv::fetch
