#include "data/text_table.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"

namespace bv {
namespace {

std::string Names(const std::vector<std::string>& header) {
  constexpr size_t kMost = 20;
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(header.size(), kMost); ++i) names.push_back(Quoted(header[i], 40));
  if (header.size() > kMost) names.push_back(Cat("… (", header.size(), ")"));
  return Join(names, ", ");
}

TextRow MakeRow(const TextTable& table, int64_t line, const std::vector<std::string>& fields) {
  TextRow row;
  row.line = line;
  row.text_a = fields[table.text_a];
  if (table.text_b) row.text_b = fields[*table.text_b];
  if (table.label) row.label = fields[*table.label];
  if (table.id) row.id = fields[*table.id];
  return row;
}

}  // namespace

std::optional<size_t> FindColumn(const TextFile& file, const std::vector<std::string>& header,
                                 const std::string& name, bool needed) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) {
    if (!needed) return std::nullopt;
    throw DataError(file.name, Cat("there is no column ", Quoted(name), "; the columns are ", Names(header)));
  }
  if (std::find(found + 1, header.end(), name) != header.end()) {
    throw DataError(file.name, Cat("the column ", Quoted(name), " stands in the header twice"));
  }
  return static_cast<size_t>(found - header.begin());
}

void AddRows(const TextFile& file, const TextTable& table, DelimitedReader* reader, TextBuilder* builder) {
  std::vector<std::string> fields;
  int64_t bad = 0, without_label = 0, first_bad = 0;
  while (reader->Next(&fields)) {
    if (fields.size() != table.columns) {
      if (!table.skip_bad_rows) {
        throw DataError(Cat(file.name, ":", reader->line()),
                        Cat("the row has ", fields.size(), fields.size() == 1 ? " column" : " columns",
                            " where ", table.columns, " belong; it is cut off or broken in two"));
      }
      if (bad++ == 0) first_bad = reader->line();
      continue;
    }
    if (table.label && !table.no_label.empty() && fields[*table.label] == table.no_label) {
      ++without_label;
      continue;
    }
    builder->Add(MakeRow(table, reader->line(), fields));
  }
  if (bad > 0) {
    LogWarning(Cat(file.name, ": dropped rows with another number of columns than ", table.columns, ": ", bad,
                   ", the first in line ", first_bad));
  }
  if (without_label > 0) {
    LogWarning(Cat(file.name, ": dropped rows whose label is ", Quoted(table.no_label), ": ", without_label));
  }
}

}  // namespace bv
