// Records of tab- or comma-separated files, and the small steps that all readers of lines share. It knows
// nothing of columns' meanings. One owner.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bv {

// A file's bytes ("-": standard input) as text: checked to be UTF-8, without a byte-order mark.
struct TextFile {
  std::string name;  // as errors call it
  std::string text;
  uint64_t hash = 0;  // xxh3 of the bytes, byte-order mark included
};
// Errors: kIo; kData with line and byte for what is not UTF-8.
TextFile ReadTextFile(const std::filesystem::path& path);

class DelimitedReader {
 public:
  // Keeps views of both. With quoting, fields are those of RFC 4180: "a field may hold separators, line
  // breaks and ""quotes"""; a quote inside an unquoted field is a character like any other. Without, every
  // quote is. Lines end with LF or CRLF.
  DelimitedReader(const TextFile& file, char separator, bool quoting)
      : file_(file), rest_(file.text), separator_(separator), quoting_(quoting) {}

  // The next record that is not a blank line; false at the end. Errors (kData): a quote that is never closed;
  // text between a closing quote and the separator.
  bool Next(std::vector<std::string>* fields);
  // The line on which the last record began, from 1.
  int64_t line() const { return line_; }

 private:
  bool SkipBlankLines();
  std::string PlainField();
  std::string QuotedField();
  // Whether another field of the record follows.
  bool EndField();

  const TextFile& file_;
  std::string_view rest_;
  char separator_;
  bool quoting_;
  int64_t line_ = 0;
  int64_t next_line_ = 1;
};

}  // namespace bv
