// Rows of texts out of tab- or comma-separated tables whose columns are known by name. For the readers of
// this layer. Free functions, safe from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/delimited.h"
#include "data/text_builder.h"

namespace bv {

// Which columns of a table hold what, as indices.
struct TextTable {
  size_t columns = 0;  // in every row
  size_t text_a = 0;
  std::optional<size_t> text_b;
  std::optional<size_t> label;
  std::optional<size_t> id;
  std::string no_label;        // rows with this label are dropped, and counted in a warning; "": none
  bool skip_bad_rows = false;  // drop rows with another number of columns, and count them in a warning
};

// The column of that name. Errors (kData): it stands in the header twice; it is needed and missing, with the
// columns that there are.
std::optional<size_t> FindColumn(const TextFile& file, const std::vector<std::string>& header,
                                 const std::string& name, bool needed);

// Hands every row that the reader still has to the builder. Errors (kData): a row with another number of
// columns, with its line.
void AddRows(const TextFile& file, const TextTable& table, DelimitedReader* reader, TextBuilder* builder);

}  // namespace bv
