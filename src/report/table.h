// A table of results, made once and printed as text for a terminal, Markdown, CSV or LaTeX. What goes into
// the cells is decided by callers; how a number looks is decided here. A value type; safe to print from any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bv {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kRight;
  int decimals = 2;  // of floating-point cells
};

// The mean of several measurements of one thing, the lowest and the highest: "40.48 (39.20..41.70)"; three
// fields in CSV, where all rows of such a column have three.
struct Spread {
  double mean = 0, low = 0, high = 0;
  bool operator==(const Spread&) const = default;
};

// Nothing, text, a count (shown with thousands separators except in CSV), a measurement or several. Nothing,
// NaN and infinity are shown as a dash, and as an empty field in CSV: what was not measured is never a 0.
using Cell = std::variant<std::monostate, std::string, int64_t, double, Spread>;

// A measurement that may be missing.
Cell CellOf(std::optional<double> value);

enum class TableFormat { kText, kMarkdown, kCsv, kLatex };

// "text", "markdown", "csv", "latex", and back. Errors: kUsage for other names.
std::vector<std::string> TableFormatNames();
TableFormat ParseTableFormat(const std::string& name);

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Errors: kInternal if the number of cells is not that of the columns.
  void AddRow(std::vector<Cell> cells);
  // A rule between the rows before and after (text and LaTeX only).
  void AddRule() { rules_.push_back(rows_.size()); }
  bool empty() const { return rows_.empty(); }

  // With a final newline. CSV is RFC 4180 with full precision; LaTeX is a booktabs tabular.
  std::string Print(TableFormat format) const;

 private:
  bool HasSpread(size_t column) const;
  std::string Shown(size_t column, const Cell& cell) const;
  std::vector<std::vector<std::string>> Grid(std::string (*escape)(std::string_view)) const;
  std::vector<size_t> PadColumns(std::vector<std::vector<std::string>>* grid, size_t least) const;
  std::string PrintText() const;
  std::string PrintMarkdown() const;
  std::string PrintCsv() const;
  std::string PrintLatex() const;
  bool RuleBefore(size_t row) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  std::vector<size_t> rules_;
};

}  // namespace bv
