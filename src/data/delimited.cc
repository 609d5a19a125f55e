#include "data/delimited.h"

#include <algorithm>
#include <iostream>
#include <iterator>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/strings.h"
#include "data/code_points.h"

namespace bv {

TextFile ReadTextFile(const std::filesystem::path& path) {
  TextFile file;
  const bool from_stdin = path == "-";
  file.name = from_stdin ? "standard input" : path.string();
  file.text = from_stdin ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : ReadFile(path);
  file.hash = HashText(file.text);
  if (const std::optional<size_t> bad = FirstInvalidUtf8(file.text)) {
    const std::string_view before = std::string_view(file.text).substr(0, *bad);
    const size_t newline = before.rfind('\n');
    const size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    throw DataError(Cat(file.name, ":", 1 + std::count(before.begin(), before.end(), '\n')),
                    Cat("byte ", *bad - begin,
                        " of the line is not valid UTF-8; the file has another encoding or is damaged"));
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (file.text.starts_with(kByteOrderMark)) file.text.erase(0, kByteOrderMark.size());
  return file;
}

bool DelimitedReader::Next(std::vector<std::string>* fields) {
  fields->clear();
  if (!SkipBlankLines()) return false;
  line_ = next_line_;
  do {
    fields->push_back(quoting_ && rest_.starts_with('"') ? QuotedField() : PlainField());
  } while (EndField());
  return true;
}

bool DelimitedReader::SkipBlankLines() {
  while (!rest_.empty()) {
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    const std::string_view line = rest_.substr(0, end);
    if (!line.empty() && line != "\r") return true;
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++next_line_;
  }
  return false;
}

std::string DelimitedReader::PlainField() {
  const size_t line_end = std::min(rest_.find('\n'), rest_.size());
  std::string_view field = rest_.substr(0, line_end);
  const size_t separator = field.find(separator_);
  if (separator != std::string_view::npos) {
    field = field.substr(0, separator);
  } else if (field.ends_with('\r')) {
    field.remove_suffix(1);
  }
  rest_.remove_prefix(field.size());
  return std::string(field);
}

std::string DelimitedReader::QuotedField() {
  std::string field;
  const int64_t opened = next_line_;
  rest_.remove_prefix(1);
  for (;;) {
    const size_t quote = rest_.find('"');
    if (quote == std::string_view::npos) {
      throw DataError(Cat(file_.name, ":", opened), "a quoted field that begins here is never closed");
    }
    field += rest_.substr(0, quote);
    next_line_ += std::count(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(quote), '\n');
    rest_.remove_prefix(quote + 1);
    if (!rest_.starts_with('"')) return field;
    field += '"';
    rest_.remove_prefix(1);
  }
}

bool DelimitedReader::EndField() {
  if (rest_.starts_with(separator_)) {
    rest_.remove_prefix(1);
    return true;
  }
  const std::string_view line_break = rest_.starts_with("\r\n") ? "\r\n" : "\n";
  if (!rest_.empty() && !rest_.starts_with(line_break)) {
    throw DataError(Cat(file_.name, ":", next_line_),
                    Cat("text follows a closing quote: ", Quoted(rest_.substr(0, rest_.find('\n')), 20),
                        "; a quote inside a quoted field is written twice"));
  }
  rest_.remove_prefix(std::min(line_break.size(), rest_.size()));
  ++next_line_;
  return false;
}

}  // namespace bv
