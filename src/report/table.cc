#include "report/table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/strings.h"
#include "report/display_width.h"

namespace bv {
namespace {

constexpr std::string_view kDash = "–";

std::string Padded(const std::string& text, size_t width, Align align) {
  const std::string spaces(width - std::min(width, DisplayWidth(text)), ' ');
  return align == Align::kLeft ? text + spaces : spaces + text;
}

std::string WithoutTrailingSpaces(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string Replaced(std::string_view text, std::string_view special,
                     const std::vector<std::string_view>& replacements) {
  std::string out;
  for (const char c : text) {
    const size_t at = special.find(c);
    if (at == std::string_view::npos) {
      out += c;
    } else {
      out += replacements[at];
    }
  }
  return out;
}

std::string ForMarkdown(std::string_view text) {
  return Replaced(text, "|\n\r", {"\\|", " ", " "});
}

std::string ForText(std::string_view text) {
  return Replaced(text, "\n\r\t", {" ", " ", " "});
}

std::string ForLatex(std::string_view text) {
  return Replaced(text, "&%$#_{}~^\\\n",
                  {"\\&", "\\%", "\\$", "\\#", "\\_", "\\{", "\\}", "\\textasciitilde{}",
                   "\\textasciicircum{}", "\\textbackslash{}", " "});
}

std::string ForCsv(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  return "\"" + Replaced(text, "\"", {"\"\""}) + "\"";
}

std::string CsvValue(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return ForCsv(*text);
  if (const auto* count = std::get_if<int64_t>(&cell)) return std::to_string(*count);
  const auto* number = std::get_if<double>(&cell);
  if (number == nullptr || !std::isfinite(*number)) return "";
  std::array<char, 32> buffer{};
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), *number).ptr};
}

// One field, or three of a column that has a spread somewhere; a single value is its own lowest and highest.
void AddCsvFields(const Cell& cell, bool spread, std::vector<std::string>* fields) {
  const auto* several = std::get_if<Spread>(&cell);
  fields->push_back(CsvValue(several == nullptr ? cell : Cell(several->mean)));
  if (!spread) return;
  fields->push_back(CsvValue(several == nullptr ? cell : Cell(several->low)));
  fields->push_back(CsvValue(several == nullptr ? cell : Cell(several->high)));
}

}  // namespace

// Not inline: where g++ 12 sees both kinds of cell moved into a vector it warns of a string that is not
// there.
Cell CellOf(std::optional<double> value) {
  if (!value) return {};
  return *value;
}

std::vector<std::string> TableFormatNames() {
  return {"text", "markdown", "csv", "latex"};
}

TableFormat ParseTableFormat(const std::string& name) {
  const std::vector<std::string> names = TableFormatNames();  // in the order of the enumeration
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw Error(ErrorKind::kUsage,
                Cat("table format ", Quoted(name), " is unknown; allowed: ", Join(names, ", ")));
  }
  return static_cast<TableFormat>(found - names.begin());
}

void Table::AddRow(std::vector<Cell> cells) {
  if (cells.size() != columns_.size()) {
    throw Error(ErrorKind::kInternal,
                Cat("a table row has ", cells.size(), " cells, ", columns_.size(), " needed"));
  }
  rows_.push_back(std::move(cells));
}

bool Table::RuleBefore(size_t row) const {
  return row > 0 && std::find(rules_.begin(), rules_.end(), row) != rules_.end();
}

std::string Table::Shown(size_t column, const Cell& cell) const {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* count = std::get_if<int64_t>(&cell)) return Thousands(*count);
  const int decimals = columns_[column].decimals;
  if (const auto* several = std::get_if<Spread>(&cell); several != nullptr && std::isfinite(several->mean)) {
    return Cat(Fixed(several->mean, decimals), " (", Fixed(several->low, decimals), "..",
               Fixed(several->high, decimals), ")");
  }
  const auto* number = std::get_if<double>(&cell);
  if (number == nullptr || !std::isfinite(*number)) return std::string(kDash);
  return Fixed(*number, decimals);
}

bool Table::HasSpread(size_t column) const {
  return std::any_of(rows_.begin(), rows_.end(),
                     [&](const auto& row) { return std::holds_alternative<Spread>(row[column]); });
}

// Titles, then rows, as shown and escaped.
std::vector<std::vector<std::string>> Table::Grid(std::string (*escape)(std::string_view)) const {
  std::vector<std::vector<std::string>> grid(1 + rows_.size());
  for (const Column& column : columns_) grid[0].push_back(escape(column.title));
  for (size_t r = 0; r < rows_.size(); ++r) {
    for (size_t c = 0; c < columns_.size(); ++c) grid[r + 1].push_back(escape(Shown(c, rows_[r][c])));
  }
  return grid;
}

// Pads every column of the grid to its widest cell and gives back the widths.
std::vector<size_t> Table::PadColumns(std::vector<std::vector<std::string>>* grid, size_t least) const {
  std::vector<size_t> widths(columns_.size(), least);
  for (const auto& row : *grid) {
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], DisplayWidth(row[c]));
  }
  for (auto& row : *grid) {
    for (size_t c = 0; c < row.size(); ++c) row[c] = Padded(row[c], widths[c], columns_[c].align);
  }
  return widths;
}

std::string Table::Print(TableFormat format) const {
  switch (format) {
    case TableFormat::kText:
      return PrintText();
    case TableFormat::kMarkdown:
      return PrintMarkdown();
    case TableFormat::kCsv:
      return PrintCsv();
    case TableFormat::kLatex:
      break;
  }
  return PrintLatex();
}

std::string Table::PrintText() const {
  auto grid = Grid(ForText);
  std::string rule;
  for (const size_t width : PadColumns(&grid, 0)) {
    if (!rule.empty()) rule += "  ";
    for (size_t i = 0; i < width; ++i) rule += "─";
  }
  std::string out;
  for (size_t i = 0; i < grid.size(); ++i) {
    if (i == 1 || (i > 1 && RuleBefore(i - 1))) out += rule + "\n";
    out += WithoutTrailingSpaces(Join(grid[i], "  "));
  }
  return grid.size() == 1 ? out + rule + "\n" : out;
}

std::string Table::PrintMarkdown() const {
  constexpr size_t kShortestRule = 3;
  auto grid = Grid(ForMarkdown);
  const std::vector<size_t> widths = PadColumns(&grid, kShortestRule);
  std::string rule = "|";
  for (size_t c = 0; c < widths.size(); ++c) {
    rule += columns_[c].align == Align::kRight ? " " + std::string(widths[c] - 1, '-') + ": |"
                                               : " " + std::string(widths[c], '-') + " |";
  }
  std::string out;
  for (size_t i = 0; i < grid.size(); ++i) {
    out += "| " + Join(grid[i], " | ") + " |\n";
    if (i == 0) out += rule + "\n";
  }
  return out;
}

std::string Table::PrintCsv() const {
  std::vector<std::string> fields;
  for (size_t c = 0; c < columns_.size(); ++c) {
    fields.push_back(ForCsv(columns_[c].title));
    if (!HasSpread(c)) continue;
    for (const char* end : {" min", " max"}) fields.push_back(ForCsv(columns_[c].title + end));
  }
  std::string out = Join(fields, ",") + "\r\n";
  for (const auto& row : rows_) {
    fields.clear();
    for (size_t c = 0; c < row.size(); ++c) AddCsvFields(row[c], HasSpread(c), &fields);
    out += Join(fields, ",") + "\r\n";
  }
  return out;
}

std::string Table::PrintLatex() const {
  std::string out = "\\begin{tabular}{";
  for (const Column& column : columns_) out += column.align == Align::kLeft ? 'l' : 'r';
  out += "}\n\\toprule\n";
  const auto grid = Grid(ForLatex);
  for (size_t i = 0; i < grid.size(); ++i) {
    if (i == 1 || (i > 1 && RuleBefore(i - 1))) out += "\\midrule\n";
    out += Join(grid[i], " & ") + " \\\\\n";
  }
  return out + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace bv
