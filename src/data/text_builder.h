// From the rows of any reader to TextData: ids, label names and values are checked and turned to numbers
// here, in one place, for all formats. For the readers of this layer. One owner.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "data/text_data.h"

namespace bv {

// One row as the file has it.
struct TextRow {
  int64_t line = 0;  // 0: the rows have no lines of their own, errors name the id
  std::string id;    // "": the line number
  std::string text_a;
  std::string text_b;
  std::optional<std::string> label;  // absent or blank: the row has none
};

class TextBuilder {
 public:
  // Of the options, labels, regression and label_names count.
  TextBuilder(std::string file, uint64_t hash, bool pair, const TextOptions& options);

  void Add(TextRow row);
  // Errors (kData): no rows; labels were looked for, and there is only one.
  TextData Finish();

 private:
  std::string Place(const TextRow& row) const;
  void SetId(const TextRow& row, TextExample* example);
  void SetLabel(const TextRow& row, const std::string& label, TextExample* example);
  // Puts names that were found into their order and renumbers the examples.
  void SortFoundNames();

  LabelUse use_;
  bool found_names_;  // label names are looked for, not given
  TextData data_;
  std::unordered_set<std::string> ids_;
  std::unordered_map<std::string, int32_t> numbers_;  // of label names
};

// The number that the text is, white space around it aside; nothing if it is none or not finite.
std::optional<double> ParseFinite(std::string_view text);

}  // namespace bv
